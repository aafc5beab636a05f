using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Dialects.Qdq;

/// <summary>Reads the grids of QuantizeLinear and DequantizeLinear nodes.</summary>
internal sealed class GridReader(GraphView view, ElementTypeFlow types)
{
    private readonly Dictionary<NodeProto, TensorGrid> _read = new(ReferenceEqualityComparer.Instance);

    /// <summary>The node's grid.</summary>
    public TensorGrid Of(NodeProto pair)
    {
        if (_read.TryGetValue(pair, out var known)) return known;
        string zero = pair.InputAt(2);
        var type = pair.OpType == OpNames.QuantizeLinear ? types.Of(pair.OutputAt(0)) : types.Of(pair.InputAt(0));
        ImmutableArray<float> scales = view.Floats(pair.InputAt(1)) is { } s ? [.. s] : [];
        ImmutableArray<long> zeros = zero.Length == 0 ? [0] : ElementTypes.IsReal(type) ? [0] : view.Longs(zero) is { } z ? [.. z] : [];
        bool many = view.ConstantOf(pair.InputAt(1)) is { } tensor && tensor.Dims.Count > 0 && TensorData.Count(tensor) > 1;
        int block = (int)pair.Int("block_size", 0);
        int? axis = many || block > 0 ? (int)pair.Int("axis", 1) : null;
        return _read[pair] = new TensorGrid(view.NameOf(pair), type, scales, zeros, axis, block);
    }
}
