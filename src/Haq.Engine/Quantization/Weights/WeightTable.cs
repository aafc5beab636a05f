using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>The quantized weights of every layer at every width, each computed once, when first asked for. Safe for concurrent use.</summary>
public sealed class WeightTable
{
    private readonly GraphView _view;
    private readonly ImmutableArray<FoundLayer> _layers;
    private readonly WeightRange _range;
    private readonly ConcurrentDictionary<(int Layer, Bitwidth Bits), Lazy<QuantizedWeights>> _weights = new();

    /// <summary>The weights of <paramref name="layers"/>, which are constants of <paramref name="view"/>.</summary>
    public WeightTable(GraphView view, ImmutableArray<FoundLayer> layers, WeightRange range)
    {
        (_view, _layers, _range) = (view, layers, range);
    }

    /// <summary>A layer's weights at a width of up to 16 bits.</summary>
    public QuantizedWeights For(int layer, Bitwidth bits) => _weights.GetOrAdd((layer, bits), key => new Lazy<QuantizedWeights>(() => Quantize(key.Layer, key.Bits))).Value;

    private QuantizedWeights Quantize(int layer, Bitwidth bits)
    {
        var found = _layers[layer];
        float[] weights = _view.Floats(found.Weight) ?? throw new InvalidOperationException($"'{found.Weight}' is not constant");
        return WeightQuantizer.Quantize(weights, ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis), bits, _range);
    }
}
