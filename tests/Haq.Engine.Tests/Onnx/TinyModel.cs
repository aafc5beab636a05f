using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests;

/// <summary>Models of a few nodes: one float input, the last node's first output.</summary>
internal static class TinyModel
{
    public static OnnxModel Of(int opset, (string Name, long[] Shape) input, IEnumerable<TensorProto> initializers, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(Value(input.Name, input.Shape));
        graph.Initializer.Add(initializers);
        graph.Node.Add(nodes);
        graph.Output.Add(new ValueInfoProto { Name = nodes[^1].Output[0], Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } } });
        var proto = new ModelProto { IrVersion = opset >= 21 ? 10 : 8, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return new OnnxModel(proto, "tiny.onnx");
    }

    /// <summary>A declared float tensor; negative extents become the symbol "d" and the axis.</summary>
    public static ValueInfoProto Value(string name, params long[] shape)
    {
        var type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() } };
        for (int i = 0; i < shape.Length; i++)
            type.TensorType.Shape.Dim.Add(shape[i] < 0 ? new TensorShapeProto.Types.Dimension { DimParam = $"d{i}" } : new TensorShapeProto.Types.Dimension { DimValue = shape[i] });
        return new ValueInfoProto { Name = name, Type = type };
    }
}
