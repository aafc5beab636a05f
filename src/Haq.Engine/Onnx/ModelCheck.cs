using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>What must hold of a model before any other code looks at it.</summary>
internal static class ModelCheck
{
    public static OnnxModel Checked(OnnxModel model)
    {
        var graph = model.Proto.Graph ?? throw DiagnosticCatalog.EmptyGraph.Error(model.Name, "has no graph. Export the network again.");
        if (graph.Node.Count == 0) throw DiagnosticCatalog.EmptyGraph.Error(model.Name, "has no nodes: there is nothing to compute. Export the network again.");
        if (graph.Output.Count == 0) throw DiagnosticCatalog.EmptyGraph.Error(model.Name, "has no outputs. The file is cut off, or was written wrongly; export the network again.");
        Opsets(model);
        foreach (var tensor in model.Tensors()) Tensor(model, tensor);
        _ = new GraphView(model);
        return model;
    }

    private static void Opsets(OnnxModel model)
    {
        if (model.Proto.OpsetImport.Count == 0)
            throw DiagnosticCatalog.UnsupportedOpset.Error(model.Name, "says no operator set. Export the network again, with opset 13 or later.");
        int opset = model.OpsetOf();
        bool standard = model.Graph.Node.Any(n => OpNames.IsStandard(n.Domain));
        if (standard && opset < OnnxModel.OldestOpset)
        {
            throw DiagnosticCatalog.UnsupportedOpset.Error(model.Name,
                $"uses operator set {opset}; the oldest that is read is {OnnxModel.OldestOpset}. Export the network again, with opset 13 or later.");
        }

        if (opset > OnnxModel.NewestOpset)
        {
            throw DiagnosticCatalog.UnsupportedOpset.Error(model.Name,
                $"uses operator set {opset}; the newest that ONNX Runtime runs here is {OnnxModel.NewestOpset}. Export the network with an older opset.");
        }
    }

    private static void Tensor(OnnxModel model, TensorProto tensor)
    {
        if (ExternalData.Holds(tensor))
        {
            model.External.Check(tensor);
            return;
        }
        var type = TensorData.TypeOf(tensor);
        long? expected = TensorData.ByteLength(tensor);
        if (expected is null)
        {
            if (type != DataType.String) throw Invalid(model, tensor, $"has an unknown element type ({(int)type})");
            if (TensorData.Count(tensor) != tensor.StringData.Count) throw Invalid(model, tensor, $"has {tensor.StringData.Count} texts, but its shape needs {TensorData.Count(tensor)}");
            return;
        }
        long actual = tensor.RawData.Length > 0 ? tensor.RawData.Length : TypedLength(tensor, type);
        if (actual != expected) throw Invalid(model, tensor, $"has {actual} bytes of data, but its type and shape need {expected}");
    }

    private static long TypedLength(TensorProto tensor, DataType type) => type switch
    {
        DataType.Float or DataType.Complex64 => 4L * tensor.FloatData.Count,
        DataType.Double or DataType.Complex128 => 8L * tensor.DoubleData.Count,
        DataType.Int64 => 8L * tensor.Int64Data.Count,
        DataType.Uint64 => 8L * tensor.Uint64Data.Count,
        DataType.Uint32 => 4L * tensor.Uint64Data.Count,
        DataType.Int32 => 4L * tensor.Int32Data.Count,
        DataType.Int16 or DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 => 2L * tensor.Int32Data.Count,
        _ => tensor.Int32Data.Count,
    };

    private static HaqException Invalid(OnnxModel model, TensorProto tensor, string what) =>
        DiagnosticCatalog.InvalidGraph.Error(model.Name, $"tensor '{tensor.Name}' {what}. The file is damaged or was written wrongly; export it again.");
}
