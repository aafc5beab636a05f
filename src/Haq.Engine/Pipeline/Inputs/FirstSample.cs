using Haq.Engine.Data;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>The first sample of the data that the manifest names, before anything else is known of the model than its inputs.</summary>
internal static class FirstSample
{
    /// <summary>Its tensors by input; null where the data is not here.</summary>
    /// <exception cref="Diagnostics.HaqException">The data is here and cannot be read or does not fit (HAQ0101 to HAQ0109).</exception>
    public static IReadOnlyDictionary<string, TensorProto>? Of(HaqManifest manifest, InputLedger inputs, OnnxModel source)
    {
        var data = manifest.Data;
        if ((data.Evaluation ?? data.Search ?? data.Calibration ?? data.Training) is not { } options || inputs.IsDataMissing) return null;
        using var session = new OrtSession(source, PlainSession.For(source));
        using var dataset = Dataset.Open(options, session.Inputs, manifest.Inputs);
        using var batch = new Batch(dataset, Batches.SizeFor(dataset, 1));
        batch.Fill(dataset, [0]);
        return batch.ByName.ToDictionary(i => i.Key, i => i.Value.ToProto(i.Key), StringComparer.Ordinal);
    }
}
