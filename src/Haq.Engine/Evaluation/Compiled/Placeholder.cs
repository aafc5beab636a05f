using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A constant that differs from policy to policy: what fills it, and how long it is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The layer that has it; for a quantized tensor, the first that reads it; for one between layers, its position among those.</param>
/// <param name="Name">The constant's name before ONNX Runtime rewrites the graph.</param>
/// <param name="Dims">Its extents then.</param>
internal sealed record Placeholder(PlaceholderKind Kind, int Layer, string Name, ImmutableArray<long> Dims)
{
    /// <summary>Number of values.</summary>
    public int Count { get; } = checked((int)Dims.Aggregate(1L, (a, b) => a * b));

    /// <summary>Writes the values of <paramref name="quantized"/>; what is left in floating point there has the values of <paramref name="real"/>, and a quantizer of scale 0 lets pass what it reads.</summary>
    public void Fill(QuantizedModel quantized, GraphView real, Span<float> values)
    {
        if (IsJunction)
        {
            Fill(quantized.Junctions[Layer].Quantizer, Kind == PlaceholderKind.JunctionScale, values);
            return;
        }
        var layer = quantized.Layers[Layer];
        switch (Kind)
        {
            case PlaceholderKind.Weights when layer.Weights is { } weights:
                weights.Dequantize(values);
                break;
            case PlaceholderKind.Weights:
                real.Floats(layer.Found.Weight)!.CopyTo(values);
                break;
            case PlaceholderKind.Bias when layer.Bias is { } bias:
                bias.Values.CopyTo(values);
                break;
            case PlaceholderKind.Bias:
                (BiasPlace.Of(real, layer.Found)!.Values ?? new float[values.Length]).CopyTo(values);
                break;
            default:
                if (layer.Activation is { } activation) Fill(activation, Kind == PlaceholderKind.Scale, values);
                else values.Clear();
                break;
        }
    }

    private bool IsJunction => Kind is PlaceholderKind.JunctionScale or PlaceholderKind.JunctionLimits;

    private static void Fill(Quantizer quantizer, bool isScale, Span<float> values)
    {
        if (isScale) values[0] = quantizer.Scale;
        else (values[0], values[1], values[2], values[3]) = (quantizer.Range.Min - quantizer.ZeroPoint, quantizer.Range.Max - quantizer.ZeroPoint, 0, 1);
    }

    /// <summary>The large object that the values are made from, to keep what was made from it; null for what is small.</summary>
    public QuantizedWeights? Source(QuantizedModel quantized) => Kind == PlaceholderKind.Weights ? quantized.Layers[Layer].Weights : null;

    /// <summary>Two policies bring the same values.</summary>
    public bool IsSame(QuantizedModel one, QuantizedModel other)
    {
        if (IsJunction) return one.Junctions[Layer].Quantizer == other.Junctions[Layer].Quantizer;
        var (a, b) = (one.Layers[Layer], other.Layers[Layer]);
        return Kind switch
        {
            PlaceholderKind.Weights => ReferenceEquals(a.Weights, b.Weights),
            PlaceholderKind.Bias => ReferenceEquals(a.Bias, b.Bias) || a.Bias is { } mine && b.Bias is { } its && mine.Values.AsSpan().SequenceEqual(its.Values.AsSpan()),
            _ => a.Activation == b.Activation,
        };
    }
}
