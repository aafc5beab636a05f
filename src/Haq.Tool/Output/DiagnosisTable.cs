using Haq.Engine.Evaluation.Diagnosis;

namespace Haq.Tool.Output;

/// <summary>Which layer broke it, at the prompt.</summary>
internal static class DiagnosisTable
{
    public static void Print(IReadOnlyList<string> names, NetworkDiagnosis diagnosis)
    {
        var worst = diagnosis.Layers[0];
        if (diagnosis.Quantized is { } quantized)
        {
            string top1 = quantized.Top1 is null ? "" : $"; top-1 {Figure(diagnosis.Float.Top1)} % in float, {Figure(quantized.Top1)} % quantized";
            Console.WriteLine($"loss {Figure(quantized.Loss)}{top1}, on {quantized.Samples} samples");
        }
        Console.WriteLine(worst.GivenBack is { } most && most > 0
            ? $"Most is given back by '{names[worst.Layer]}': in float again, it alone takes {Figure(most)} off the loss."
            : "No layer gives anything back: the damage is spread over all, or there is none.");
        var table = Tables.New("#", "layer", "bits", "gives back", "alone", "SQNR", "weights", "input", "in place", "seen", "kept", "clipped",
            "outliers", "channels", "accumulator").AlignRight(0, 0).AlignRight(3, 8).AlignRight(11, 14);
        foreach (var layer in diagnosis.Layers)
        {
            var input = layer.Input;
            table.AddText(
                layer.Layer.ToString(Tables.Culture), names[layer.Layer], $"w{layer.Bits.Weights}a{layer.Bits.Activations}", Figure(layer.GivenBack),
                    Figure(layer.Alone), Figure(layer.SqnrDb), Figure(layer.WeightSqnrDb),
                Figure(layer.InputSqnrDb), Figure(layer.PathSqnrDb), input is null ? "-" : $"{Figure(input.Min)}..{Figure(input.Max)}", input is null
                    ? "-" : $"{Figure(input.Low)}..{Figure(input.High)}",
                input is null ? "-" : (100 * input.Saturation).ToString("0.00", Tables.Culture) + " %", Figure(input?.OutlierRatio),
                    Figure(layer.ChannelSpread), layer.AccumulatorBits?.ToString(Tables.Culture) ?? "-");
        }
        table.Print();
        Console.WriteLine("gives back: loss that goes when the layer alone is float again · alone: loss with only this layer quantized · SQNR in dB: output alone, by weights, by input, in place");
        Console.WriteLine("channels: greatest weight range over the median channel's · outliers: greatest input over the one that 99.9 % keep to · accumulator: bits that no sum overflows");
        if (diagnosis.Layers.Any(l => l.DamageOfWeights.Count > 0)) PrintWidths(names, diagnosis);
    }

    private static void PrintWidths(IReadOnlyList<string> names, NetworkDiagnosis diagnosis)
    {
        int[] widths = [.. diagnosis.Layers[0].DamageOfWeights.Keys];
        var table = Tables.New(["#", "layer", .. widths.Select(b => $"w{b}"), .. widths.Select(b => $"a{b}")]).AlignRight(0, 0).AlignRight(2, 1 + 2 * widths.Length);
        foreach (var layer in diagnosis.Layers)
        {
            table.AddText([layer.Layer.ToString(Tables.Culture), names[layer.Layer], .. layer.DamageOfWeights.Values.Select(d =>
                Figure(d)), .. layer.DamageOfActivations.Values.Select(d => Figure(d))]);
        }

        Console.WriteLine("Loss with only this layer's weights (w) or input (a) quantized:");
        table.Print();
    }

    private static string Figure(double? value) => value?.ToString("G4", Tables.Culture) ?? "-";
}
