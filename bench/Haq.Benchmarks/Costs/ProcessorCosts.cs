using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Costs;

/// <summary>A processor under ONNX Runtime: layers that the fitted kind had not seen, and whole networks that a measured table had not.</summary>
internal static class ProcessorCosts
{
    private static readonly (string File, string Name)[] s_networks = [("mobilenet_v1", "MobileNetV1-0.25"), ("resnet18", "ResNet-18"), ("minilm", "MiniLM-L6")];

    public static IEnumerable<Comparison> All()
    {
        foreach (var (file, name) in s_networks)
        {
            FitRow[] rows = [.. FigureFiles.Own($"cpu_{file}_layers.csv").Select(Row)];
            var fit = FittedTarget.Fit(rows, [], 1, 0, file);
            yield return Comparison.Of("fitted", $"{name} in w8a8 and w32a32, each tenth of its shapes left out, s", Source, fit.HeldOut.Select((e, i) => ((1 + e) * rows[i].Seconds,
                rows[i].Seconds))) with { Why = WhyOf(file) };
        }
        foreach (var (file, name) in s_networks)
        {
            var mixed = FigureFiles.Own($"cpu_{file}_networks.csv").Where(r => r["policy"] == "mixed");
            yield return Comparison.Of("table", $"{name}, whole files of mixed widths from the table of a bundle that had not seen them, s", Source, mixed.Select(r => (r.Real("predicted"),
                r.Real("measured"))));
        }
    }

    private const string Source = "AMD EPYC (AVX2 and no AVX-512), 1 thread, ONNX Runtime 1.31.1";

    private static string WhyOf(string file) => file == "minilm"
        ? "It has four distinct shapes: with 384 -> 384 left out, four layers that differ in what follows them (attention, a sum, nothing) are one shape to the fit, and the pooler's single row is "
            + "predicted from products of 32."
        : "";

    private static FitRow Row(Dictionary<string, string> row) => new(
        ShapeText.TryParse(row["layer"], out var shape) ? shape : throw new InvalidDataException($"'{row["layer"]}' is no shape"), new LayerBits(row.Whole("weight_bits"),
            row.Whole("activation_bits")), row.Real("seconds"));
}
