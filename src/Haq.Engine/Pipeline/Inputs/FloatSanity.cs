using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>Whether the float model and the data belong together, looked at once a build, before anything is decided on them.</summary>
internal static class FloatSanity
{
    /// <summary>The warnings; none for networks so large that a second session of them is not to be had.</summary>
    /// <param name="manifest">Says what the data is, and what is to be done about a model at chance level.</param>
    /// <param name="source">The model as it was read.</param>
    /// <param name="set">The set with the float model's scores.</param>
    /// <param name="data">Its samples.</param>
    /// <param name="macs">Multiply-accumulates of the model on one of them.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="HaqException">The model is at chance level (HAQ0504) and the manifest does not accept it.</exception>
    public static IReadOnlyList<Diagnostic> Check(HaqManifest manifest, OnnxModel source, EvaluationSet set, IDataset data, long macs, CancellationToken cancellation)
    {
        if (source.IsHuge || (manifest.Data.Evaluation ?? manifest.Data.Search ?? manifest.Data.Calibration ?? manifest.Data.Training) is not { } options) return [];
        bool byLabels = set.HasTop1 && manifest.Metric.Kind is (null or Quality.Top1 or Quality.Top5);
        if (byLabels && new FloatCheck(source, options, manifest.Inputs, set.Output).Find(set, data, cancellation) is { } chance)
        {
            return manifest.Gate == GateMode.Warning
                ? [DiagnosticCatalog.FloatAtChanceAccepted.At(chance.Location, chance.Message)]
                : throw new HaqException(chance);
        }
        if (!byLabels) return new DataCheck(source, options, manifest.Inputs, set.Output).Warnings(data, cancellation);
        return new BetterReading(source, options, manifest.Inputs, set.Output).Find(macs, data.At, cancellation) is { } better ? [better] : [];
    }
}
