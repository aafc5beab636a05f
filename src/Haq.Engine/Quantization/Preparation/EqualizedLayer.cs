using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>A convolution or fully connected layer whose weights and bias are constants of its own, as equalization sees it.</summary>
internal sealed class EqualizedLayer
{
    private readonly long[] _dims;
    private readonly int _groups;
    private readonly bool _conv;
    private readonly bool _inputsFirst;

    private EqualizedLayer(NodeProto node, long[] dims)
    {
        (Node, _dims, _conv) = (node, dims, node.Is(OpNames.Conv));
        _groups = checked((int)node.Int("group", 1));
        _inputsFirst = !_conv && node.Int("transB", 0) == 0;
    }

    /// <summary>The node.</summary>
    public NodeProto Node { get; }

    /// <summary>The constant of weights.</summary>
    public string Weight => Node.Input[1];

    /// <summary>Output channels.</summary>
    public int Outputs => (int)(_inputsFirst ? _dims[1] : _dims[0]);

    /// <summary>Input channels.</summary>
    public int Inputs => (int)(_inputsFirst ? _dims[0] : _dims[1] * _groups);

    /// <summary>Extents of a constant that broadcasts along the channels of the output.</summary>
    public long[] OutputShape => _conv ? [Outputs, .. Enumerable.Repeat(1L, _dims.Length - 2)] : [Outputs];

    /// <summary>The layer that a node is; null where its weights or bias are not constants of its own.</summary>
    public static EqualizedLayer? Of(GraphView view, NodeProto node)
    {
        bool conv = node.Is(OpNames.Conv), gemm = node.Is(OpNames.Gemm);
        if ((!conv && !gemm) || !IsOwnConstant(view, node.InputAt(1))) return null;
        if (gemm && (node.Int("transA", 0) != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)) return null;
        var weight = view.ConstantOf(node.InputAt(1))!;
        if (gemm && weight.Dims.Count != 2) return null;
        var layer = new EqualizedLayer(node, TensorData.Dims(weight));
        string bias = node.InputAt(2);
        return bias.Length == 0 || (IsOwnConstant(view, bias) && ChannelConstant.IsRow(view.ConstantOf(bias)!, layer.Outputs)) ? layer : null;
    }

    /// <summary>Proposes other numbers for a constant input of the node, under a name of their own.</summary>
    public void Put(GraphView view, GraphPatch patch, int input, float[] values)
    {
        string old = Node.Input[input], name = patch.FreshName($"{old}.equalized");
        patch.Put(TensorData.Of(name, TensorData.Dims(view.ConstantOf(old)!), values));
        if (view.IsInitializer(old)) patch.RemoveInitializer(old);
        patch.Read(Node, input, name);
    }

    private static bool IsOwnConstant(GraphView view, string tensor) =>
        view.ConstantOf(tensor) is { } constant && TensorData.TypeOf(constant) == DataType.Float && view.ConsumersOf(tensor).Count == 1 && !view.IsOutput(tensor);

    /// <summary>The output channel of a weight, by its position.</summary>
    public int OutputOf(int position) => (int)(_inputsFirst ? position % _dims[1] : position / PerFirst);

    /// <summary>The input channel of a weight, by its position.</summary>
    public int InputOf(int position)
    {
        if (_inputsFirst) return (int)(position / _dims[1]);
        int within = (int)(position % PerFirst / (PerFirst / _dims[1])), group = (int)(position / PerFirst / (_dims[0] / _groups));
        return within + group * (int)_dims[1];
    }

    private int PerFirst
    {
        get
        {
            long product = 1;
            foreach (long extent in _dims.AsSpan(1)) product *= extent;
            return (int)product;
        }
    }
}
