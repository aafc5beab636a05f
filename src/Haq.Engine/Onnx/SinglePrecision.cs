using Haq.Engine.Onnx.Opsets;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Lets a network that was stored in half, bfloat16 or double precision compute in 32-bit reals, which quantization starts from. Its inputs and outputs keep their types: a Cast stands behind each
/// input and before each output.
/// </summary>
internal static class SinglePrecision
{
    // Attributes that hold an element type, of any operator.
    private static readonly string[] s_types = ["to", "dtype", "output_dtype", "output_datatype"];

    /// <summary>Rewrites the model in place where a layer's weights are of another precision; returns whether it did.</summary>
    public static bool Apply(OnnxModel model)
    {
        var view = new GraphView(model);
        if (!view.Order.Any(n => LayerParts.Of(view, n) is { } parts && IsOther((int)TensorData.TypeOf(view.ConstantOf(parts.Weight)!)))) return false;
        // A list of half-precision tensors has no Cast.
        if (model.Graph.Input.Concat(model.Graph.Output).Any(i => i.Type?.SequenceType?.ElemType?.TensorType is { } element && IsOther(element.ElemType))) return false;
        var graph = model.Graph;
        Convert(model, graph);
        foreach (var info in graph.ValueInfo) Convert(info);
        var names = new FreshNames(model);
        var read = new HashSet<string>(StringComparer.Ordinal);
        int casts = 0;
        foreach (var input in view.Inputs)
        {
            if (!IsOther(input.Type?.TensorType?.ElemType ?? 0)) continue;
            read.Add(input.Name);
            string real = names.Next($"{input.Name}.float");
            RenameReads(graph, input.Name, real);
            graph.Node.Insert(casts++, Cast(input.Name, real, DataType.Float));
        }
        foreach (var output in graph.Output.ToArray())
        {
            // The same output twice, or an input handed on, needs nothing more.
            if (!IsOther(output.Type?.TensorType?.ElemType ?? 0) || !read.Add(output.Name)) continue;
            string real = names.Next($"{output.Name}.float");
            RenameReads(graph, output.Name, real);
            foreach (var tensor in graph.Initializer) if (tensor.Name == output.Name) tensor.Name = real;
            foreach (var node in graph.Node)
                for (int i = 0; i < node.Output.Count; i++) if (node.Output[i] == output.Name) node.Output[i] = real;
            graph.Node.Add(Cast(real, output.Name, (DataType)output.Type!.TensorType.ElemType));
        }
        return true;
    }

    private static void Convert(OnnxModel model, GraphProto graph)
    {
        for (int i = 0; i < graph.Initializer.Count; i++) graph.Initializer[i] = Converted(model, graph.Initializer[i]);
        foreach (var sparse in graph.SparseInitializer) sparse.Values = Converted(model, sparse.Values);
        foreach (var attribute in graph.Node.SelectMany(n => n.Attribute))
        {
            if (attribute.T is not null) attribute.T = Converted(model, attribute.T);
            if (s_types.Contains(attribute.Name) && IsOther((int)attribute.I)) attribute.I = (int)DataType.Float;
        }
        foreach (var (_, body) in graph.Node.SelectMany(n => n.Bodies()))
        {
            Convert(model, body);
            foreach (var info in body.Input.Concat(body.Output).Concat(body.ValueInfo)) Convert(info);
        }
    }

    private static TensorProto Converted(OnnxModel model, TensorProto tensor) =>
        IsOther(tensor.DataType) ? TensorData.Of(tensor.Name, [.. tensor.Dims], TensorData.ToFloats(tensor, model.External)) : tensor;

    private static void Convert(ValueInfoProto info)
    {
        if (info.Type?.TensorType is { } tensor && IsOther(tensor.ElemType)) tensor.ElemType = (int)DataType.Float;
    }

    private static bool IsOther(int type) => (DataType)type is DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    private static NodeProto Cast(string from, string to, DataType type) => OnnxNode.Of(OpNames.Cast, [from], [to], $"{to}.Cast").With("to", (long)type);

    private static void RenameReads(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++) if (node.Input[i] == from) node.Input[i] = to;
            foreach (var (_, body) in node.Bodies()) Captures.Rename(body, from, to);
        }
    }
}
