using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Importing;

/// <summary>Weights on the grid that they were stored on, where a target takes it; otherwise on the nearest that it takes.</summary>
internal static class ImportedWeights
{
    /// <summary>A layer's weights.</summary>
    /// <param name="model">The network in reals.</param>
    /// <param name="found">The layer.</param>
    /// <param name="grid">The grid that the weights were on.</param>
    /// <param name="bits">The width that they get: no less than they had.</param>
    public static QuantizedWeights Of(QuantizableModel model, FoundLayer found, TensorGrid grid, Bitwidth bits)
    {
        float[] weights = model.View.Floats(found.Weight)!;
        var layout = ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis);
        return bits.Bits >= grid.Bits && Kept(model.Form, found, grid, layout) is { } scales ? Exactly(weights, layout, bits, grid, scales) : Nearest(model.Form, found, weights, layout, bits);
    }

    /// <summary>The nearest weights of a layer that had real ones.</summary>
    public static QuantizedWeights Nearest(QuantizableModel model, FoundLayer found, Bitwidth bits) =>
        Nearest(model.Form, found, model.View.Floats(found.Weight)!, ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis), bits);

    /// <summary>The widths that a tensor of weights has; null where they are no integers.</summary>
    public static Bitwidth? WidthOf(TensorGrid grid) => ElementTypes.IsInteger(grid.Type) && grid.Bits <= QuantizedWidths.Max && !grid.Scales.IsEmpty ? new Bitwidth(grid.Bits) : null;

    /// <summary>The scales, where the grid is one of symmetric integers that the target takes as it is.</summary>
    private static ImmutableArray<float>? Kept(DialectForm? form, FoundLayer found, TensorGrid grid, ChannelLayout layout)
    {
        if (!ImportedGrids.IsSymmetric(grid) || grid.Scales.Any(s => !(s > 0) || !float.IsFinite(s))) return null;
        if (form is { PowerOfTwoWeights: true } && grid.ScaleNoPowerOfTwo() is not null) return null;
        if (grid.Block > 0)
            return form is null && grid.Axis is { } blocked && FromFront(blocked, found) == 1 - found.OutputChannelAxis && found.WeightShape.Length == 2 ? grid.Scales : null;
        if (grid.Scales.Length == 1) return [.. Enumerable.Repeat(grid.Scales[0], layout.Channels)];
        bool along = grid.Axis is { } axis && FromFront(axis, found) == found.OutputChannelAxis && grid.Scales.Length == layout.Channels;
        return along && form is not { PerTensorWeights: true } && !found.IsStack ? grid.Scales : null;
    }

    private static int FromFront(int axis, FoundLayer found) => axis >= 0 || axis == QdqModel.UnknownAxis ? axis : axis + found.WeightShape.Length;

    // The reals are integers times these scales: dividing finds the integers again.
    private static QuantizedWeights Exactly(float[] weights, ChannelLayout layout, Bitwidth bits, TensorGrid grid, ImmutableArray<float> scales)
    {
        short[] values = new short[weights.Length];
        int top = (1 << (bits - 1)) - 1, count = layout.Channels * layout.Inner;
        for (int i = 0; i < values.Length; i++)
        {
            int scale = grid.Block == 0 ? i / layout.Inner % layout.Channels
                : layout.Inner == 1 ? i / count / grid.Block * layout.Channels + i % layout.Channels : i / layout.Inner * (layout.Inner / grid.Block) + i % layout.Inner / grid.Block;
            values[i] = (short)Math.Clamp(MathF.Round(weights[i] / scales[scale]), -top - 1, top);
        }
        return new QuantizedWeights(values, scales, layout, bits, perTensor: grid is { Block: 0, Scales.Length: 1 }, block: grid.Block);
    }

    private static QuantizedWeights Nearest(DialectForm? form, FoundLayer found, float[] weights, ChannelLayout layout, Bitwidth bits)
    {
        bool perChannel = form is not { PerTensorWeights: true } && !found.IsStack;
        float[] scales = WeightQuantizer.Scales(weights, layout, bits, WeightRange.Mse, perChannel: perChannel);
        if (form is { PowerOfTwoWeights: true })
        {
            int top = IntegerRange.Symmetric(bits).Max;
            if (perChannel) scales = [.. scales.Select(PowersOfTwo.AtLeast)];
            else Array.Fill(scales, PowersOfTwo.Nearest(weights, scales[0], top));
        }
        return WeightQuantizer.Round(weights, layout, bits, scales, perChannel);
    }
}
