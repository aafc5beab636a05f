using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>The value of a Constant node, in whichever of its attributes it is.</summary>
internal static class ConstantNode
{
    /// <summary>The value as a tensor named after the node's output; null where the node has none that is numeric.</summary>
    public static TensorProto? ValueOf(NodeProto node)
    {
        if (node.Output.Count == 0) return null;
        string name = node.Output[0];
        foreach (var attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value" when attribute.T is not null:
                    if (attribute.T.Name == name) return attribute.T;
                    var named = attribute.T.Clone();
                    named.Name = name;
                    return named;
                case "value_float":
                    return TensorData.Scalar(name, attribute.F);
                case "value_int":
                    return TensorData.Scalar(name, DataType.Int64, attribute.I);
                case "value_floats":
                    return TensorData.Of(name, [attribute.Floats.Count], attribute.Floats.ToArray().AsSpan());
                case "value_ints":
                    return TensorData.Of(name, [attribute.Ints.Count], attribute.Ints.ToArray().AsSpan());
            }
        }
        return null;
    }
}
