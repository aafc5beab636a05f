using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>A model of the nodes between some tensors of another model and one that they lead to.</summary>
internal static class PartOfModel
{
    /// <summary>The part of the float model that computes <paramref name="output"/> from <paramref name="input"/>, or from the model's own inputs where that is null.</summary>
    public static OnnxModel Of(QuantizableModel model, string? input, string output)
    {
        var view = model.View;
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var constants = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([output]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? tensor))
        {
            if (tensor == input || tensor.Length == 0 || !seen.Add(tensor)) continue;
            if (view.IsInitializer(tensor)) constants.Add(tensor);
            if (view.ProducerOf(tensor) is not { } producer || !needed.Add(producer)) continue;
            foreach (string read in GraphView.InputsOf(producer)) open.Push(read);
        }
        var proto = new ModelProto { IrVersion = model.Float.Proto.IrVersion, Graph = new GraphProto { Name = "part" } };
        proto.OpsetImport.AddRange(model.Float.Proto.OpsetImport);
        proto.Functions.AddRange(model.Float.Proto.Functions);
        proto.Graph.Node.AddRange(view.Order.Where(needed.Contains).Select(n => n.Clone()));
        proto.Graph.Initializer.AddRange(model.Float.Graph.Initializer.Where(t => constants.Contains(t.Name)));
        if (input is not null) proto.Graph.Input.Add(Described(model, input));
        else proto.Graph.Input.AddRange(view.Inputs.Select(i => i.Clone()));
        proto.Graph.Output.Add(new ValueInfoProto { Name = output });
        return new OnnxModel(proto, model.Float.Name, model.Float.External.Folder);
    }

    // The first extent is the batch's, and free.
    private static ValueInfoProto Described(QuantizableModel model, string tensor)
    {
        if (model.View.Inputs.FirstOrDefault(i => i.Name == tensor) is { } input) return input.Clone();
        var type = model.Shapes[tensor];
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        foreach (long extent in type.Shape.Skip(1)) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = tensor, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type.Type, Shape = shape } } };
    }
}
