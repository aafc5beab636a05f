using System.Text.Json;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Tool.Output;

/// <summary>A model as JSON. Shapes are arrays of numbers; MACs are per sample.</summary>
internal static class InspectionJson
{
    public static void Write(OnnxModel model, ModelSurvey survey, QuantizableModel? between) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", 1);
        writer.WriteString("model", model.Name);
        writer.WriteString("sha256", model.Digest());
        writer.WriteNumber("bytes", InspectionFacts.Bytes(model));
        writer.WriteNumber("irVersion", model.Proto.IrVersion);
        writer.WriteString("producer", $"{model.Proto.ProducerName} {model.Proto.ProducerVersion}".Trim());
        writer.WriteStartObject("opsets");
        foreach (var import in model.Proto.OpsetImport) writer.WriteNumber(OpNames.IsStandard(import.Domain) ? "ai.onnx" : import.Domain, import.Version);
        writer.WriteEndObject();
        writer.WriteNumber("nodes", model.Graph.Node.Count);
        Values(writer, "inputs", survey.View.Inputs, survey);
        Values(writer, "outputs", survey.View.Outputs, survey);
        writer.WriteNumber("macs", survey.Layers.Macs);
        writer.WriteNumber("parameters", survey.Layers.Layers.Sum(l => l.Parameters));
        writer.WriteStartArray("layers");
        foreach (var layer in survey.Layers.Layers) Layer(writer, layer);
        writer.WriteEndArray();
        if (between is not null) Tensors(writer, between);
        writer.WriteStartArray("skipped");
        foreach (var node in survey.Layers.Skipped)
        {
            writer.WriteStartObject();
            writer.WriteString("name", node.Name);
            writer.WriteString("op", node.Op);
            writer.WriteString("reason", node.Reason);
            writer.WriteBoolean("quantized", node.IsQuantized);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Values(Utf8JsonWriter writer, string name, IEnumerable<ValueInfoProto> values, ModelSurvey survey)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStartObject();
            writer.WriteString("name", value.Name);
            if (survey.Shapes.TryGet(value.Name, out var type))
            {
                writer.WriteString("type", ElementTypes.NameOf(type.Type));
                Numbers(writer, "shape", type.Shape);
            }
            else
            {
                writer.WriteString("unknown", survey.Shapes.ReasonFor(value.Name));
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Tensors(Utf8JsonWriter writer, QuantizableModel model)
    {
        writer.WriteStartArray("tensors");
        foreach (var tensor in InspectionFacts.Tensors(model))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", tensor.Index);
            writer.WriteString("name", tensor.Name);
            writer.WriteNumber("elements", tensor.Elements);
            writer.WriteNumber("passes", tensor.Passes);
            writer.WriteBoolean("output", tensor.IsOutput);
            writer.WriteStartArray("sources");
            foreach (string source in tensor.Sources) writer.WriteStringValue(source);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Layer(Utf8JsonWriter writer, FoundLayer layer)
    {
        var shape = layer.Layer.Shape;
        writer.WriteStartObject();
        writer.WriteNumber("index", layer.Layer.Index);
        writer.WriteString("name", layer.Name);
        writer.WriteString("op", layer.Node.OpType);
        writer.WriteNumber("in", shape.In);
        writer.WriteNumber("out", shape.Out);
        writer.WriteNumber("groups", shape.Groups);
        Numbers(writer, "kernel", shape.Kernel.Select(e => (long)e));
        Numbers(writer, "stride", shape.Stride.Select(e => (long)e));
        Numbers(writer, "inputSize", shape.InputSize.Select(e => (long)e));
        Numbers(writer, "outputSize", shape.OutputSize.Select(e => (long)e));
        writer.WriteNumber("macs", shape.Macs);
        writer.WriteNumber("weights", shape.Weights);
        writer.WriteNumber("parameters", layer.Parameters);
        writer.WriteNumber("activationGroup", layer.Layer.ActivationGroup);
        writer.WriteString("input", layer.Input);
        writer.WriteString("weight", layer.Weight);
        writer.WriteString("output", layer.Output);
        writer.WriteNumber("outputChannelAxis", layer.OutputChannelAxis);
        writer.WriteStartArray("sharesWeightWith");
        foreach (string other in layer.SharesWeightWith) writer.WriteStringValue(other);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (long number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
