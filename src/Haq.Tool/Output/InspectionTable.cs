using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Tool.Output;

/// <summary>A model at the prompt.</summary>
internal static class InspectionTable
{
    public static void Print(OnnxModel model, ModelSurvey survey, QuantizableModel? between)
    {
        Console.WriteLine(model.Name);
        string producer = $"{model.Proto.ProducerName} {model.Proto.ProducerVersion}".Trim();
        string opsets = string.Join(", ", model.Proto.OpsetImport.Select(o => $"{(OpNames.IsStandard(o.Domain) ? "opset" : o.Domain)} {o.Version}"));
        Console.WriteLine($"{(producer.Length > 0 ? $"{producer}, " : "")}IR {model.Proto.IrVersion}, {opsets}, {model.Graph.Node.Count} nodes, {Figure.Bytes(InspectionFacts.Bytes(model))}");
        var view = survey.View;
        foreach (var input in view.Inputs) Console.WriteLine($"input   {input.Name}  {Describe(input, survey)}");
        foreach (var output in view.Outputs) Console.WriteLine($"output  {output.Name}  {Describe(output, survey)}");
        var layers = survey.Layers.Layers;
        if (layers.Length > 0) Layers(survey);
        if (between is not null) Tensors(between);
        foreach (var group in survey.Layers.Skipped.GroupBy(s => (s.Op, s.Reason)))
            Console.WriteLine($"left as it is: {group.Count()} {group.Key.Op}, which {group.Key.Reason}, e.g. '{group.First().Name}'");
        if (survey.Layers.Quantization.Any) Console.WriteLine($"already quantized in parts: {survey.Layers.Quantization.Describe()}");
        Console.WriteLine(layers.Length == 0
            ? "Nothing can be quantized."
            : $"{layers.Length} {(layers.Length == 1 ? "layer" : "layers")} can be quantized: {Millions(survey.Layers.Macs)} MACs, {Millions(layers.Sum(l => l.Parameters))} parameters.");
    }

    private static void Layers(ModelSurvey survey)
    {
        var groups = InspectionFacts.SharedGroups(survey.Layers);
        var table = Tables.New("#", "layer", "op", "in", "out", "kernel", "map", "MACs", "weights", "input", "note").AlignRight(0, 0).AlignRight(3, 4).AlignRight(7, 8);
        foreach (var layer in survey.Layers.Layers)
        {
            var shape = layer.Layer.Shape;
            string kernel = shape.Kernel.Length == 0 ? "" : $"{string.Join('x', shape.Kernel)}/{string.Join('x', shape.Stride)}";
            string note = string.Join("; ", InspectionFacts.Notes(layer));
            table.AddText(
                layer.Layer.Index.ToString(Tables.Culture), layer.Name, layer.Node.OpType, shape.In.ToString(Tables.Culture), shape.Out.ToString(Tables.Culture), kernel,
                string.Join('x', shape.OutputSize), Millions(shape.Macs), Millions(shape.Weights), groups.GetValueOrDefault(layer.Layer.ActivationGroup, ""), note);
        }
        table.Print();
    }

    private static void Tensors(QuantizableModel model)
    {
        var table = Tables.New("#", "tensor between layers", "numbers", "made of", "read or written", "note").AlignRight(0, 0).AlignRight(2, 2).AlignRight(4, 4);
        foreach (var tensor in InspectionFacts.Tensors(model))
            table.AddText(tensor.Index.ToString(Tables.Culture), tensor.Name, tensor.Elements.ToString("#,0", Tables.Culture), string.Join(", ", tensor.Sources), tensor.Passes.ToString(Tables.Culture), string.Join("; ", tensor.Notes));
        table.Print();
    }

    private static string Describe(ValueInfoProto value, ModelSurvey survey) => survey.Shapes.TryGet(value.Name, out var type) ? type.ToString() : survey.Shapes.ReasonFor(value.Name);

    private static string Millions(long count) => count switch
    {
        >= 1_000_000_000 => string.Create(Tables.Culture, $"{count / 1e9:0.00} G"),
        >= 1_000_000 => string.Create(Tables.Culture, $"{count / 1e6:0.00} M"),
        >= 10_000 => string.Create(Tables.Culture, $"{count / 1e3:0.0} k"),
        _ => count.ToString(Tables.Culture),
    };
}
