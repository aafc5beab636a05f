using System.Text.Json;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Search;

namespace Haq.Tool.Output;

/// <summary>What a search found, as JSON: an array with an object a target. Names are camel-case and carry their unit.</summary>
internal static class SearchJson
{
    // 2: every name in camel case; some had underscores.
    private const int Version = 2;

    public static void Write(IReadOnlyList<FoundPolicy> found) => JsonOutput.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var one in found)
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteString("hardware", one.Hardware);
            writer.WriteString("strategy", one.Outcome.Strategy);
            writer.WriteNumber("measured", one.Outcome.Evaluated);
            writer.WriteBoolean("completed", one.Outcome.Completed);
            ScoreJson.WriteCost(writer, one.Pricing.Costs.PriceWhole(one.Outcome.Policy));
            writer.WriteNumber("effectiveBits", one.MeanBits);
            writer.WriteNumber("wideShare", WideTensors.Share(one.Layers, one.Outcome.Policy));
            if (one.Outcome.Score is { } score) ScoreJson.Write(writer, "searched", score);
            if (one.Outcome.PredictedLoss is { } predicted) writer.WriteNumber("predictedLoss", predicted);
            if (one.Outcome.OptimalityGap is { } gap) writer.WriteNumber("optimalityGap", gap);
            if (one.Scores is { } scored) writer.WriteString("scoredBy", scored.Method);
            writer.WriteStartArray("layers");
            foreach (var layer in one.Layers) WriteLayer(writer, one, layer);
            writer.WriteEndArray();
            WriteTensors(writer, one);
            if (one.Wide is { } wide) WriteWide(writer, one, wide);
            if (one.Front is { } front) WriteFront(writer, front);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteLayer(Utf8JsonWriter writer, FoundPolicy one, QuantizableLayer layer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", layer.Name);
        if (layer.Shape.IsTensor) writer.WriteBoolean("tensor", true);
        else writer.WriteNumber("weights", one.Outcome.Policy[layer.Index].Weights.Bits);
        writer.WriteNumber("activations", one.Outcome.Policy[layer.Index].Activations.Bits);
        if (one.Scores is { } scores)
        {
            WriteScores(writer, "weightSensitivities", scores.WeightsOf(layer.Index));
            WriteScores(writer, "activationSensitivities", scores.ActivationsOf(layer.Index));
        }
        writer.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter writer, FoundPolicy one)
    {
        var entries = WideTensors.Rank(one.Layers, one.Pricing.Space, one.Pricing.Costs, one.Outcome.Policy, one.Scores);
        if (entries.IsEmpty) return;
        writer.WriteStartArray("tensors");
        foreach (var entry in entries)
        {
            writer.WriteStartObject();
            writer.WriteString("name", entry.Name);
            writer.WriteNumber("elements", entry.Elements);
            writer.WriteNumber("bits", entry.Width.Bits);
            if (entry.Gain is { } gain) writer.WriteNumber("narrowLoses", gain);
            writer.WriteNumber("wideCostsSeconds", entry.Seconds);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteWide(Utf8JsonWriter writer, FoundPolicy one, SearchedPolicy wide)
    {
        writer.WriteStartObject("uniformW8A16");
        ScoreJson.WriteCost(writer, one.Pricing.Costs.PriceWhole(wide.Policy));
        writer.WriteNumber("wideShare", WideTensors.Share(one.Layers, wide.Policy));
        ScoreJson.Write(writer, "searched", wide.Score);
        writer.WriteEndObject();
    }

    private static void WriteScores(Utf8JsonWriter writer, string name, ReadOnlySpan<double> scores)
    {
        writer.WriteStartObject(name);
        for (int b = 0; b < scores.Length; b++)
            if (!double.IsNaN(scores[b])) writer.WriteNumber((b + 1).ToString(Tables.Culture), scores[b]);
        writer.WriteEndObject();
    }

    private static void WriteFront(Utf8JsonWriter writer, IReadOnlyList<FrontPoint> front)
    {
        writer.WriteStartArray("front");
        foreach (var point in front)
        {
            writer.WriteStartObject();
            writer.WriteString("name", point.Name);
            writer.WriteBoolean("uniform", point.IsUniform);
            ScoreJson.WriteCost(writer, point.Cost);
            writer.WriteNumber("predictedLoss", point.PredictedLoss);
            ScoreJson.Write(writer, "quantized", point.Score);
            writer.WriteString("bits", point.Policy.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
