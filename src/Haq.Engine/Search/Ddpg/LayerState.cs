using Haq.Engine.Layers;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// What the agent sees of a layer, ten numbers scaled to [0, 1] by a network's least and greatest per dimension (HAQ eqs. 2 and 3): layer index, input channels, output
/// channels, kernel size, stride, size of the input map, number of weights, is depthwise, is the weights' step, previous action.
/// </summary>
internal sealed class LayerState
{
    /// <summary>Dimensions of a state.</summary>
    public const int Size = 10;

    /// <summary>Dimensions that describe the layer, and so come first.</summary>
    public const int StepDimension = 8;

    private const int ActionDimension = 9;

    private readonly float[][] _layers;

    /// <summary>The states of a network's layers, scaled by ranges that need not be its own.</summary>
    public LayerState(IReadOnlyList<QuantizableLayer> layers, StateRanges ranges)
    {
        Ranges = ranges;
        // How deep a layer lies is relative to its own network.
        var own = StateRanges.Of(layers);
        _layers = [.. layers.Select(layer =>
        {
            double[] raw = Raw(layer);
            float[] state = new float[Size];
            for (int d = 0; d < StepDimension; d++) state[d] = (d == 0 ? own : ranges).Scale(d, raw[d]);
            return state;
        })];
    }

    /// <summary>What scales the states.</summary>
    public StateRanges Ranges { get; }

    /// <summary>The state before a decision.</summary>
    public float[] At(int layer, bool weights, double previousAction)
    {
        float[] state = [.. _layers[layer]];
        state[StepDimension] = weights ? 1 : 0;
        state[ActionDimension] = (float)previousAction;
        return state;
    }

    /// <summary>The numbers before scaling. Fully connected layers: kernel 1, stride 0, not depthwise.</summary>
    internal static double[] Raw(QuantizableLayer layer)
    {
        var shape = layer.Shape;
        bool dense = shape.Kernel.IsEmpty;
        return
        [
            layer.Index, shape.In, shape.Out,
            dense ? 1 : Math.Pow(shape.KernelElements, 1.0 / shape.Kernel.Length),
            dense ? 0 : shape.Stride[0],
            shape.InputPixels, shape.Weights, shape.IsDepthwise ? 1 : 0,
        ];
    }
}
