using System.Collections.Immutable;
using Haq.Engine.Graphs;

namespace Haq.Engine.Autodiff;

/// <summary>Writes the engine's depthwise operators.</summary>
internal static class DepthwiseKernel
{
    /// <summary>Two-dimensional, one input and one output channel per group, no dilation.</summary>
    public static bool Fits(ImmutableArray<int> weight, ImmutableArray<int> input, ConvGeometry geometry, int groups) =>
        geometry.Dimensions == 2 && groups > 1 && groups == input[1] && weight[0] == groups && geometry.Dilation.All(d => d == 1);

    public static Value Forward(GraphBuilder g, Value x, Value w, Value? bias, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("DepthwiseConv", bias is null ? [x, w] : [x, w, bias], [shape],
            Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]))[0];

    public static Value InputGradient(GraphBuilder g, Value dy, Value w, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("DepthwiseConvInputGradient", [dy, w], [shape],
            Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]),
            Attributes.Of("size", shape[2], shape[3]))[0];

    public static Value WeightGradient(GraphBuilder g, Value x, Value dy, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("DepthwiseConvWeightGradient", [dy, x], [shape],
            Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]),
            Attributes.Of("kernel", geometry.Kernel.AsSpan()))[0];
}
