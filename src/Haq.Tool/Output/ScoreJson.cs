using System.Text.Json;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Pipeline.Stages.Reports;

namespace Haq.Tool.Output;

/// <summary>Scores and costs as every command's <c>--json</c> names them.</summary>
internal static class ScoreJson
{
    public static void Write(Utf8JsonWriter writer, string name, PolicyScore score)
    {
        writer.WriteStartObject(name);
        Optional(writer, "top1", score.Top1);
        Optional(writer, "top5", score.Top5);
        Optional(writer, "agreement", score.Agreement);
        Optional(writer, "cosine", score.Cosine);
        Optional(writer, "sqnrDb", score.SqnrDecibels);
        Optional(writer, "loss", score.Loss);
        writer.WriteNumber("samples", score.Samples);
        writer.WriteEndObject();
    }

    public static void WriteCost(Utf8JsonWriter writer, NetworkCost cost)
    {
        writer.WriteNumber("latencyMs", cost.LatencySeconds * 1e3);
        Optional(writer, "energyMj", cost.EnergyJoules * 1e3);
        writer.WriteNumber("sizeBytes", cost.SizeBits / 8.0);
    }

    private static void Optional(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } known && double.IsFinite(known)) writer.WriteNumber(name, known);
    }
}
