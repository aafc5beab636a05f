using Haq.Engine.Layers;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// What the agent sees of a layer, ten numbers scaled to [0, 1] by the network's least and greatest per dimension (HAQ eqs. 2 and 3): layer index, input channels, output
/// channels, kernel size, stride, size of the input map, number of weights, is depthwise, is the weights' step, previous action.
/// </summary>
internal sealed class LayerState
{
    /// <summary>Dimensions of a state.</summary>
    public const int Size = 10;

    private const int StepDimension = 8, ActionDimension = 9;

    private readonly float[][] _layers;

    /// <summary>The states of a network's layers.</summary>
    public LayerState(IReadOnlyList<QuantizableLayer> layers)
    {
        double[][] raw = [.. layers.Select(l => Raw(l))];
        _layers = [.. raw.Select(_ => new float[Size])];
        for (int d = 0; d < StepDimension; d++)
        {
            double min = raw.Min(r => r[d]), max = raw.Max(r => r[d]);
            for (int i = 0; i < raw.Length; i++) _layers[i][d] = max > min ? (float)((raw[i][d] - min) / (max - min)) : 0;
        }
    }

    /// <summary>The state before a decision.</summary>
    public float[] At(int layer, bool weights, double previousAction)
    {
        float[] state = [.. _layers[layer]];
        state[StepDimension] = weights ? 1 : 0;
        state[ActionDimension] = (float)previousAction;
        return state;
    }

    // Fully connected layers: kernel 1, stride 0, not depthwise.
    private static double[] Raw(QuantizableLayer layer)
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
