using System.Text.Json;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Results;

namespace Haq.Tool.Output;

/// <summary>What each step of quantization gained.</summary>
internal static class StepTable
{
    public static void Print(IReadOnlyList<QuantizationStep> steps)
    {
        if (steps.Count == 0) return;
        var table = Tables.New("step", "what it did", "loss before", "loss after", "top-1 before", "top-1 after", "gain").AlignRight(2, 6);
        foreach (var step in steps)
        {
            string gain = step.Gain is { } d ? string.Create(Tables.Culture, $"{d.Points:+0.00;-0.00;0.00} ± {d.StandardError:0.00}") : "-";
            table.AddText(step.Name, step.Detail, Figure(step.Before?.Loss), Figure(step.After?.Loss), Percent(step.Before?.Top1), Percent(step.After?.Top1), gain);
        }
        table.Print();
    }

    public static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<QuantizationStep> steps)
    {
        if (steps.Count == 0) return;
        writer.WriteStartArray("steps");
        foreach (var step in steps)
        {
            writer.WriteStartObject();
            writer.WriteString("name", step.Name);
            writer.WriteString("detail", step.Detail);
            if (step.Before is { } before) ScoreJson.Write(writer, "before", before);
            if (step.After is { } after) ScoreJson.Write(writer, "after", after);
            if (step.Gain is { } gain)
            {
                writer.WriteNumber("top1Gain", gain.Points);
                writer.WriteNumber("standardError", gain.StandardError);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string Figure(double? value) => value?.ToString("G4", Tables.Culture) ?? "-";

    private static string Percent(double? value) => value?.ToString("F2", Tables.Culture) ?? "-";
}
