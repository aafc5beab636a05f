using System.Text.Json;
using Haq.Engine.Dialects;
using Haq.Engine.Pipeline.Converting;

namespace Haq.Tool.Output;

/// <summary>What a conversion changed, as JSON.</summary>
internal static class ConversionJson
{
    private const int Version = 1;

    public static void Write(Utf8JsonWriter writer, ConversionResult result, string to)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        writer.WriteString("target", result.Conformance.Profile.Name);
        writer.WriteString("output", to);
        writer.WriteStartObject("grids");
        writer.WriteNumber("kept", result.Kept);
        foreach (var effect in Enum.GetValues<GridEffect>()) writer.WriteNumber(ConversionText.Word(effect), result.Count(effect));
        writer.WriteEndObject();
        writer.WriteStartArray("changes");
        foreach (var grid in result.Grids)
        {
            writer.WriteStartObject();
            writer.WriteString("tensor", grid.Tensor);
            writer.WriteString("node", grid.Node);
            writer.WriteString("role", ConversionText.Word(grid.Role));
            writer.WriteString("effect", ConversionText.Word(grid.Effect));
            if (grid.Before is { } before) writer.WriteString("before", before);
            if (grid.After is { } after) writer.WriteString("after", after);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("difference");
        writer.WriteString("data", result.Data);
        writer.WriteNumber("samples", result.Samples);
        Write(writer, "outputs", result.Outputs);
        if (result.Widened is { } widened) Write(writer, "outputsWithoutSaturation", widened);
        writer.WriteEndObject();
        writer.WriteStartArray("guessedRanges");
        foreach (string tensor in result.GuessedRanges) writer.WriteStringValue(tensor);
        writer.WriteEndArray();
        writer.WriteBoolean("passes", result.Conformance.Passes);
        writer.WriteNumber("refused", result.Conformance.Count(RuleEffect.Refused));
        writer.WriteNumber("fallback", result.Conformance.Count(RuleEffect.Fallback));
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<OutputAgreement> outputs)
    {
        writer.WriteStartArray(name);
        foreach (var output in outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name", output.Output);
            writer.WriteBoolean("exact", output.IsExact);
            // Outputs of different lengths have no difference that is a number.
            if (double.IsFinite(output.MaxAbsolute)) writer.WriteNumber("maxAbsolute", output.MaxAbsolute);
            writer.WriteNumber("cosine", output.Cosine);
            writer.WriteNumber("values", output.Values);
            writer.WriteNumber("differentValues", output.Different);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
