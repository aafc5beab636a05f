using System.Collections.Immutable;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>Gathers the second moments of every layer while calibration shows the tensors that they read.</summary>
internal sealed class MomentCollector
{
    /// <summary>Vectors longer than this are left out: a factorization would take minutes.</summary>
    private const int MaxSize = 2304;

    /// <summary>Enough vectors that the moments of K values are known well, and for short vectors their means.</summary>
    private const int VectorsPerValue = 12, LeastVectors = 8192;

    private readonly Dictionary<string, List<(PatchSampler Sampler, ImmutableArray<SecondMoment> Moments)>> _byTensor = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<SecondMoment>> _byLayer = new(StringComparer.Ordinal);

    private MomentCollector()
    {
    }

    /// <summary>Gathers nothing.</summary>
    public static MomentCollector None => new();

    /// <summary>What was gathered, by layer name, one for each group.</summary>
    public IReadOnlyDictionary<string, ImmutableArray<SecondMoment>> ByLayer => _byLayer;

    /// <summary>A collector for the layers of <paramref name="model"/> that fit <paramref name="memory"/>, short vectors first.</summary>
    public static MomentCollector For(QuantizableModel model, int samples, long memory)
    {
        var collector = new MomentCollector();
        foreach (var layer in model.Layers.OrderBy(l => l.Layer.Shape.Weights / l.Layer.Shape.Out).ThenBy(l => l.Layer.Index))
        {
            long size = layer.Layer.Shape.Weights / layer.Layer.Shape.Out;
            int perSample = (int)Math.Clamp(Math.Max(LeastVectors, VectorsPerValue * size) / Math.Max(1, samples), 4, 256);
            if (size > MaxSize || PatchSampler.Of(layer, perSample) is not { } sampler) continue;
            memory -= size * size * sizeof(float) * sampler.Groups;
            if (memory < 0) break;
            ImmutableArray<SecondMoment> moments = [.. Enumerable.Range(0, sampler.Groups).Select(_ => new SecondMoment(sampler.Size))];
            if (!collector._byTensor.TryGetValue(layer.Input, out var readers)) collector._byTensor[layer.Input] = readers = [];
            readers.Add((sampler, moments));
            collector._byLayer[layer.Name] = moments;
        }
        return collector;
    }

    /// <summary>Takes vectors for every layer that reads the tensor.</summary>
    public void Add(string tensor, OrtTensor values)
    {
        if (!_byTensor.TryGetValue(tensor, out var readers)) return;
        foreach (var (sampler, moments) in readers) sampler.Add(values, moments.AsSpan());
    }
}
