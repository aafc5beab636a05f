using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>
/// Evens out the channels of activations before they are quantized: channel c of a tensor is divided by s_c and the weights that read it are
/// multiplied by s_c, which computes the same. Where the tensor
/// comes from a layer through activations with f(s·x) = s·f(x), that layer's weights take the division in; otherwise a Mul does it, which costs an operator and is therefore put in only where the
/// noise is considerable.
/// </summary>
public static class ActivationSmoothing
{
    /// <summary>Samples whose channels are looked at, the first ones.</summary>
    public const int Samples = 32;

    /// <summary>Noise must fall by this factor where the layer before takes the factors in…</summary>
    private const double LeastGain = 1.5;

    /// <summary>…and by this one where an operator is put in…</summary>
    private const double LeastGainOfOperator = 2;

    /// <summary>…which noise below this share of the output's variance (37 dB) is not worth…</summary>
    private const double WorthAnOperator = 2e-4;

    /// <summary>…and below this one (20 dB) not where it would keep ONNX Runtime from computing the convolution before it in integers.</summary>
    private const double WorthAKernel = 1e-2;

    /// <summary>The factors of every tensor that gains by them; none where there is nothing to even out.</summary>
    /// <param name="model">The model, without smoothing.</param>
    /// <param name="data">Calibration samples.</param>
    /// <param name="narrowest">The narrowest widths that a layer, by index, may get: they decide how much of the ratio its weights can take up.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImmutableArray<SmoothedTensor> Choose(QuantizableModel model, IDataset data, Func<int, LayerBits> narrowest, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(narrowest);
        var sites = SmoothingSite.Find(model.View, model.Shapes, model.Layers).Where(s => IsEligible(model, s, narrowest)).ToDictionary(s => s.Tensor, StringComparer.Ordinal);
        if (sites.Count == 0) return [];
        var seen = sites.Values.ToDictionary(s => s.Tensor, s => new ChannelExtents(s.Channels), StringComparer.Ordinal);
        using var some = new DatasetSubset(data, [.. Enumerable.Range(0, Math.Min(Samples, data.Count))]);
        new Calibrator(model).Watch(some, sites.Keys, (tensor, values) =>
        {
            var site = sites[tensor];
            int inner = (int)values.Shape.AsSpan()[(site.Axis + 1)..].ToArray().Aggregate(1L, (product, extent) => product * extent);
            seen[tensor].Add(values.Values<float>(), inner, (int)values.Shape[0]);
        }, null, cancellation);
        var chosen = ImmutableArray.CreateBuilder<SmoothedTensor>();
        foreach (var site in sites.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!seen[site.Tensor].IsUsable) continue;
            var readers = site.Readers.Select(r => Weights(model, r, site, narrowest)).ToList();
            int levels = IntegerRange.Unsigned(new Bitwidth(site.Readers.Min(r => narrowest(r.Layer.Index).Activations.Bits))).Levels;
            if (SmoothingFactors.Choose(seen[site.Tensor], readers, levels) is not { } choice) continue;
            bool absorbed = site.Producer is not null && choice.Offsets.Length == 0;
            if (choice.Before < choice.After * (absorbed ? LeastGain : LeastGainOfOperator)) continue;
            // Where sums and concatenations are integers too, an operator between would be one that the target does not have.
            if (!absorbed && (!model.Junctions.IsEmpty || !model.Tensors.IsEmpty || choice.Before < (site.IsFused ? WorthAKernel : WorthAnOperator))) continue;
            chosen.Add(new SmoothedTensor(site.Tensor, [.. choice.Factors.Select(f => (float)f)], [.. choice.Offsets.Select(o => (float)o)]));
        }
        return chosen.ToImmutable();
    }

    /// <summary>The model with the factors in it.</summary>
    public static QuantizableModel Apply(QuantizableModel model, ImmutableArray<SmoothedTensor> smoothed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return smoothed.IsEmpty ? model : model.Changed(smoothed, () => Smoothed(model, smoothed));
    }

    private static QuantizableModel Smoothed(QuantizableModel model, ImmutableArray<SmoothedTensor> smoothed)
    {
        var graph = SmoothedGraph.Write(model, smoothed);
        try
        {
            return model.Rewritten(graph, [.. smoothed.Select(s => s.Tensor)]);
        }
        catch
        {
            graph.Storage?.Dispose();
            throw;
        }
    }

    private static bool IsEligible(QuantizableModel model, SmoothingSite site, Func<int, LayerBits> narrowest) =>
        site.Readers.All(r => narrowest(r.Layer.Index).Activations.IsQuantized() && ReaderWeights.TakesFactors(model.View, r, site.Channels));

    private static ReaderWeights Weights(QuantizableModel model, FoundLayer layer, SmoothingSite site, Func<int, LayerBits> narrowest)
    {
        var bits = narrowest(layer.Layer.Index).Weights;
        return ReaderWeights.Of(model.View, layer, site.Channels, bits.IsQuantized() ? bits : new Bitwidth(QuantizedWidths.Max));
    }
}
