using System.Globalization;
using Haq.Engine.Layers;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting;

/// <summary>What holds in every report that a build wrote; a file that breaks a rule was edited or damaged.</summary>
internal static class ReportRules
{
    /// <summary>The first rule that does not hold, as a clause; null where all do.</summary>
    public static string? FirstBroken(ReportModel report)
    {
        if (report.Layers.IsDefaultOrEmpty) return "it has no layers";
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < report.Layers.Length; i++)
        {
            if (InLayer(report.Layers[i], i) is { } broken) return broken;
            if (!names.Add(report.Layers[i].Name)) return $"two layers are called '{report.Layers[i].Name}'";
        }
        if (report.Hardware.Batch < 1) return "the batch is not positive";
        if ((Share(report.Float) ?? Share(report.Quantized) ?? Share(report.Finetuned)) is { } share)
            return string.Create(CultureInfo.InvariantCulture, $"an accuracy of {share} % is not within 0..100");
        long sum = 0;
        foreach (var layer in report.Layers) sum += layer.Chosen.Cycles;
        // The whole may cost less than its layers by themselves: outputs are then written in their consumer's width.
        return report.Cost.Cycles <= sum ? null : string.Create(CultureInfo.InvariantCulture, $"the layers take {sum} cycles, the network {report.Cost.Cycles}");
    }

    private static string? InLayer(LayerFacts layer, int position)
    {
        if (layer.Index != position) return $"layer '{layer.Name}' stands at {position} and says {layer.Index}";
        foreach (int bits in (ReadOnlySpan<int>)[layer.Chosen.Weights, layer.Chosen.Activations, layer.At8Bit.Weights, layer.At8Bit.Activations])
            if (bits is < Bitwidth.Min or > Bitwidth.Max) return $"layer '{layer.Name}' has {bits} bits, not {Bitwidth.Min}..{Bitwidth.Max}";
        return layer.Chosen.Cycles < 0 || layer.At8Bit.Cycles < 0 ? $"layer '{layer.Name}' takes a negative number of cycles" : null;
    }

    private static double? Share(AccuracyFacts? accuracy)
    {
        if (accuracy is null) return null;
        foreach (double? share in (ReadOnlySpan<double?>)[accuracy.Top1, accuracy.Top5, accuracy.Agreement])
            if (share is < 0 or > 100) return share;
        return null;
    }
}
