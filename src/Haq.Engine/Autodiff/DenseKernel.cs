using System.Collections.Immutable;
using Haq.Engine.Graphs;

namespace Haq.Engine.Autodiff;

/// <summary>Writes the engine's operators for dense convolutions.</summary>
internal static class DenseKernel
{
    /// <summary>Two-dimensional, in one group, with weights that change from run to run: ONNX Runtime makes an im2col for those, and lays only constant ones out for its own kernels.</summary>
    public static bool Fits(GraphBuilder g, Value weight, ConvGeometry geometry, int groups) => geometry.Dimensions == 2 && groups == 1 && g.ConstantOf(weight) is null;

    public static Value Forward(GraphBuilder g, Value x, Value w, Value? bias, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("DenseConv", bias is null ? [x, w] : [x, w, bias], [shape],
            Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("dilations", geometry.Dilation.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]))[0];

    public static Value InputGradient(GraphBuilder g, Value dy, Value w, ImmutableArray<int> shape, ConvGeometry geometry) =>
        g.Custom("DenseConvInputGradient", [dy, w], [shape],
            Attributes.Of("strides", geometry.Stride.AsSpan()), Attributes.Of("dilations", geometry.Dilation.AsSpan()), Attributes.Of("pads", [.. geometry.Before, .. geometry.After]),
            Attributes.Of("size", shape[2], shape[3]))[0];
}
