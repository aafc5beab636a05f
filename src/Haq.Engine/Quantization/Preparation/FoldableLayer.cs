using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>A layer with constant weights and bias that a scale and a shift per output channel can be folded into.</summary>
internal sealed class FoldableLayer
{
    private readonly GraphView _view;
    private readonly NodeProto _node;
    private readonly TensorProto _weight;

    private FoldableLayer(GraphView view, NodeProto node, TensorProto weight, int channels)
    {
        (_view, _node, _weight, Channels) = (view, node, weight, channels);
    }

    /// <summary>Number of output channels.</summary>
    public int Channels { get; }

    /// <summary>The output's channels are its last dimension, not its second.</summary>
    public bool ChannelsLast => _node.Is(OpNames.Gemm);

    /// <summary>The layer that <paramref name="node"/> is; null where it is none or its weights are not constant.</summary>
    public static FoldableLayer? Of(GraphView view, NodeProto node)
    {
        bool conv = node.Is(OpNames.Conv), transposed = node.Is(OpNames.ConvTranspose), gemm = node.Is(OpNames.Gemm);
        if (!conv && !transposed && !gemm) return null;
        if (view.ConstantOf(node.InputAt(1)) is not { } weight || TensorData.TypeOf(weight) != DataType.Float) return null;
        if (gemm && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)) return null;
        long channels = conv ? weight.Dims[0] : transposed ? weight.Dims[1] * node.Int("group", 1) : weight.Dims[node.Int("transB", 0) == 0 ? 1 : 0];
        string bias = node.InputAt(2);
        if (bias.Length > 0 && (view.ConstantOf(bias) is not { } added || !ChannelConstant.IsRowOrScalar(added, channels))) return null;
        return new FoldableLayer(view, node, weight, checked((int)channels));
    }

    /// <summary>The rank of the layer's output; null where it cannot be told.</summary>
    public int? OutputRankOf(GraphView view) => view == _view ? (_node.Is(OpNames.Gemm) ? 2 : _weight.Dims.Count) : null;

    /// <summary>Proposes weights and a bias that do what the layer and then <paramref name="affine"/> did.</summary>
    public void Fold(GraphPatch patch, ChannelAffine affine)
    {
        float[] weight = TensorData.ToFloats(_weight, _view.Model.External);
        var channelOf = ChannelOf();
        for (int i = 0; i < weight.Length; i++) weight[i] = (float)(weight[i] * affine.Scale[channelOf(i)]);
        float[]? old = _view.Floats(_node.InputAt(2));
        float[] bias = new float[Channels];
        for (int c = 0; c < Channels; c++) bias[c] = (float)((old is null ? 0 : old[old.Length == 1 ? 0 : c]) * affine.Scale[c] + affine.Shift[c]);

        // Names of their own: the old tensors may have other readers.
        string weightName = patch.FreshName($"{_node.Name}.folded_weight"), biasName = patch.FreshName($"{_node.Name}.folded_bias");
        patch.Put(TensorData.Of(weightName, TensorData.Dims(_weight), weight));
        patch.Put(TensorData.Of(biasName, [Channels], bias));
        RemoveIfUnread(patch, _node.InputAt(1));
        RemoveIfUnread(patch, _node.InputAt(2));
        patch.Read(_node, 1, weightName).Read(_node, 2, biasName);
    }

    private void RemoveIfUnread(GraphPatch patch, string tensor)
    {
        if (_view.IsInitializer(tensor) && _view.ConsumersOf(tensor).Count <= 1 && !_view.IsOutput(tensor)) patch.RemoveInitializer(tensor);
    }

    /// <summary>The output channel of every weight, as a function of its position.</summary>
    private Func<int, int> ChannelOf()
    {
        long[] dims = TensorData.Dims(_weight);
        int inner = 1;
        foreach (long extent in dims.AsSpan(2)) inner *= (int)extent;
        int second = (int)dims[1], perFirst = second * inner;
        if (_node.Is(OpNames.Conv)) return i => i / perFirst;
        if (_node.Is(OpNames.Gemm)) return _node.Int("transB", 0) == 0 ? i => i % second : i => i / second;
        int inputsPerGroup = (int)(dims[0] / _node.Int("group", 1));
        return i => i / perFirst / inputsPerGroup * second + i % perFirst / inner;
    }
}
