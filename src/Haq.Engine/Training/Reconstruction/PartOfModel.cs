using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Onnx;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>A model of the nodes between some tensors of another model and one that they lead to.</summary>
internal static class PartOfModel
{
    /// <summary>The part of the float model that computes <paramref name="output"/> from <paramref name="input"/>, or from the model's own inputs where that is null.</summary>
    public static OnnxModel Of(QuantizableModel model, string? input, string output)
    {
        var view = model.View;
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>([output]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out string? tensor))
        {
            if (tensor == input || tensor.Length == 0 || !seen.Add(tensor)) continue;
            if (view.ProducerOf(tensor) is not { } producer || !needed.Add(producer)) continue;
            foreach (string read in GraphView.InputsOf(producer)) open.Push(read);
        }
        var part = ModelBuilder.PartOf(model.Float, view.Order.Where(needed.Contains));
        if (input is not null) part.Input(Described(model, input));
        else foreach (var own in view.Inputs) part.Input(own.Clone());
        return part.Show([output]).Build();
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
