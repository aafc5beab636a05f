namespace Haq.Engine.Graphs;

/// <summary>
/// The engine's fake quantizer, y = s·q with q = clamp(round(x/s − o) + o, low, high), inputs (x, scale s, settings). The scale is one number, or one per channel of
/// an axis; the settings are the four numbers (low, high, o, gradient scale), so that one graph serves every width. o is 0, or ½ for one-bit weights, whose
/// levels are ±½ of a doubled scale.
/// </summary>
internal static class FakeQuantizeOperator
{
    /// <summary>Its name in <see cref="GraphBuilder.CustomDomain"/>.</summary>
    public const string Name = "FakeQuantize";

    /// <summary>Appends a quantizer; an axis of -1 means one scale for the whole tensor.</summary>
    /// <param name="g">Where to.</param>
    /// <param name="x">What is quantized.</param>
    /// <param name="scale">[1], or [C] with an axis of C channels.</param>
    /// <param name="settings">[4]: low, high, offset, gradient scale.</param>
    /// <param name="axis">The channels' axis.</param>
    /// <param name="clippingOnly">The scale learns from clipped values only.</param>
    public static Value Append(GraphBuilder g, Value x, Value scale, Value settings, int axis, bool clippingOnly) =>
        g.Custom(Name, [x, scale, settings], [x.Shape],
            axis < 0 ? [Attributes.Of("clipping", clippingOnly ? 1L : 0)] : [Attributes.Of("axis", (long)axis), Attributes.Of("clipping", clippingOnly ? 1L : 0)])[0];

    /// <summary>The same in standard operators, for graphs without the engine's kernels.</summary>
    public static Value Expand(GraphBuilder g, Value x, Value scale, Value settings, int axis)
    {
        var s = Broadcastable(g, scale, x, axis);
        var (low, high, offset, _) = Settings(g, settings);
        return Level(g, x / s, low, high, offset) * s;
    }

    /// <summary>q of x/s.</summary>
    public static Value Level(GraphBuilder g, Value v, Value low, Value high, Value offset) =>
        g.Binary("Min", g.Binary("Max", g.Unary("Round", v - offset) + offset, low), high);

    /// <summary>The settings' numbers, each of one element.</summary>
    public static (Value Low, Value High, Value Offset, Value GradientScale) Settings(GraphBuilder g, Value settings) =>
        (g.Slice(settings, 0, 0, 1), g.Slice(settings, 0, 1, 1), g.Slice(settings, 0, 2, 1), g.Slice(settings, 0, 3, 1));

    /// <summary>The scales in a shape that broadcasts along the axis.</summary>
    public static Value Broadcastable(GraphBuilder g, Value scale, Value x, int axis)
    {
        if (axis < 0) return scale;
        int[] shape = [.. Enumerable.Repeat(1, x.Rank)];
        shape[axis] = x.Shape[axis];
        return g.Reshape(scale, shape);
    }
}
