using System.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>Looks for the tensors between layers that have to be wider than 8 bits for the network's outputs, each tried by itself, then together.</summary>
internal static class WiderTensors
{
    private const int Most = 8;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    /// <summary>An entry for <c>layers:</c> that was tried, and the cosine of the worst output with it; null where tensors are not at fault.</summary>
    /// <param name="model">The network.</param>
    /// <param name="quantizer">Gives every policy its numbers.</param>
    /// <param name="target">The hardware.</param>
    /// <param name="quantized">What is to be repaired.</param>
    /// <param name="worst">The cosine of the worst output: quickly, or on all samples that are looked at.</param>
    /// <param name="close">A cosine that is close enough.</param>
    public static (string Entry, double Cosine)? Find(QuantizableModel model, PostTrainingQuantizer quantizer, HardwareTarget target, QuantizedModel quantized, Func<QuantizedModel, bool, double> worst, double close)
    {
        if (model.Tensors.IsEmpty || quantized.Policy.Count != model.Items.Length) return null;
        bool hasSixteen = target.Bits.Activations.Contains(Bitwidth.Sixteen);
        var width = hasSixteen ? Bitwidth.Sixteen : Bitwidth.Float;
        var narrow = model.Items.Where(i => i.Shape.IsTensor && quantized.Policy[i.Index].Activations < width).ToArray();
        if (narrow.Length == 0 || worst(With(narrow), false) < close) return null;
        var clock = Stopwatch.StartNew();
        var tried = new List<(QuantizableLayer Tensor, double Cosine)>();
        foreach (var tensor in narrow)
        {
            tried.Add((tensor, worst(With([tensor]), true)));
            if (clock.Elapsed > s_patience) break;
        }
        var chosen = new List<QuantizableLayer>();
        foreach (var (tensor, _) in tried.OrderByDescending(t => t.Cosine).Take(Most))
        {
            chosen.Add(tensor);
            if (worst(With(chosen), false) is var cosine && cosine >= close)
                return (string.Join(", ", chosen.Select(t => $"\"{t.Name}\": {(hasSixteen ? "{activations: 16}" : "skip")}")), cosine);
        }
        return null;

        QuantizedModel With(IReadOnlyCollection<QuantizableLayer> tensors)
        {
            var policy = quantized.Policy;
            foreach (var tensor in tensors) policy = policy.With(tensor.Index, policy[tensor.Index] with { Activations = width });
            return quantized with { Policy = policy, Junctions = quantizer.Quantize(policy).Junctions };
        }
    }
}
