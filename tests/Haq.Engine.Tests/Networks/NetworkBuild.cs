using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Tests.Zoo;

namespace Haq.Engine.Tests.Networks;

/// <summary>A whole build of a random network at 8 bits, from a manifest: what users get, with what the build itself says and mends.</summary>
internal static class NetworkBuild
{
    private const int Samples = 64, Compared = 16;

    /// <summary>Builds it in a folder, and leaves there what was built from.</summary>
    /// <returns>The noise of the file on samples that nothing was measured on, in a default session, and the codes of warnings and broken gates; or the refusal.</returns>
    public static (OutputNoise Typical, IReadOnlyList<string> Codes, string? Refusal) Run(OnnxModel model, bool junctions, string folder)
    {
        try
        {
            string At(string name) => Path.Combine(folder, name);
            var ready = QuantizableModel.Prepare(model);
            using var seen = new RandomDataset(ready.View, ready.Shapes, Samples, seed: 13);
            using var unseen = new RandomDataset(ready.View, ready.Shapes, Compared, seed: 12);
            File.WriteAllBytes(At("model.onnx"), model.ToBytes());
            File.WriteAllBytes(At("data.npy"), Array(seen));
            File.WriteAllText(At("haq.yaml"),
                $"model: model.onnx\nhardware: bismo-edge\nbits: 8\noutput: out.onnx\ndata: {{evaluation: {{path: data.npy}}}}\nmetric: cosine\nquantization: {{junctions: {(junctions ? "integer" : "float")}}}\n");
            var result = ManifestBuild.Run(new PipelineOptions(At("haq.yaml"), new StageCache(At("cache"))), null, CancellationToken.None);
            OutputRecord Record(OnnxModel of) => OutputRecord.Of(of, PlainSession.For(model), unseen, Compared, CancellationToken.None);
            return (Record(model).TypicalNoiseOf(Record(OnnxModel.Load(At("out.onnx")))), [.. result.Warnings.Concat(result.BrokenGates).Select(w => w.Descriptor.Code)], null);
        }
        catch (HaqException e)
        {
            return (default, [], e.Diagnostic.ToString());
        }
    }

    // The samples one behind another, as an .npy file of version 1.
    private static byte[] Array(RandomDataset data)
    {
        using var batch = new Batch(data, 1);
        var content = new List<byte>();
        for (int sample = 0; sample < data.Count; sample++)
        {
            data.Read([sample], batch);
            content.AddRange(MemoryMarshal.AsBytes(batch.Inputs[0].Values<float>()));
        }
        long[] rest = [.. batch.Inputs[0].Shape.Skip(1)];
        long rows = content.Count / sizeof(float) / rest.Aggregate(1L, (a, b) => a * b);
        string shape = string.Join(", ", rest.Prepend(rows).Select(extent => extent.ToString(CultureInfo.InvariantCulture)));
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. content];
    }
}
