using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Dialects.Qdq;

/// <summary>The element type of every tensor of a graph, from inputs and constants on; what the file declares comes first.</summary>
internal sealed class ElementTypeFlow
{
    private readonly Dictionary<string, DataType> _types = new(StringComparer.Ordinal);

    public ElementTypeFlow(GraphView view)
    {
        foreach (var info in view.Graph.Input.Concat(view.Graph.ValueInfo).Concat(view.Graph.Output))
            if (info.Type?.TensorType is { ElemType: > 0 } tensor) _types[info.Name] = (DataType)tensor.ElemType;
        foreach (var tensor in view.Graph.Initializer) _types[tensor.Name] = TensorData.TypeOf(tensor);
        foreach (var node in view.Order)
        {
            for (int i = 0; i < node.Output.Count; i++)
                if (node.Output[i].Length > 0) _types.TryAdd(node.Output[i], TypeOf(view, node, i));
        }
    }

    /// <summary>The type; float for tensors that nothing is known about.</summary>
    public DataType Of(string tensor) => _types.GetValueOrDefault(tensor, DataType.Float);

    private DataType TypeOf(GraphView view, NodeProto node, int output) => node.OpType switch
    {
        OpNames.Constant => view.ConstantOf(node.Output[0]) is { } value ? TensorData.TypeOf(value) : DataType.Float,
        OpNames.QuantizeLinear => node.InputAt(2) is { Length: > 0 } zero ? Of(zero) : (DataType)node.Int("output_dtype", (long)DataType.Uint8),
        OpNames.DequantizeLinear => Of(node.InputAt(1)),
        OpNames.DynamicQuantizeLinear => output == 1 ? DataType.Float : DataType.Uint8,
        OpNames.Cast => (DataType)node.Int("to", (long)DataType.Float),
        OpNames.Shape or OpNames.Size or OpNames.ArgMax or OpNames.ArgMin or "NonZero" or "NonMaxSuppression" => DataType.Int64,
        OpNames.TopK or OpNames.MaxPool when output == 1 => DataType.Int64,
        OpNames.Equal or OpNames.Greater or OpNames.Less or "GreaterOrEqual" or "LessOrEqual" or OpNames.Not or OpNames.And or OpNames.Or or "Xor" or "IsNaN" or "IsInf" => DataType.Bool,
        OpNames.ConstantOfShape => node.Attribute("value")?.T is { } value ? TensorData.TypeOf(value) : DataType.Float,
        OpNames.Where => Of(node.InputAt(1)),
        "OneHot" => Of(node.InputAt(2)),
        OpNames.ConvInteger or OpNames.MatMulInteger => DataType.Int32,
        _ => node.Input.FirstOrDefault(t => t.Length > 0) is { } first ? Of(first) : DataType.Float,
    };
}
