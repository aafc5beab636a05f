using System.Text.Json;
using Haq.Engine.Evaluation.Diagnosis;

namespace Haq.Tool.Output;

/// <summary>Which layer broke it, as JSON: layers sorted, the worst first. Ratios in decibels, shares 0..1, damage as the loss.</summary>
internal static class DiagnosisJson
{
    public static void Write(IReadOnlyList<string> names, NetworkDiagnosis diagnosis) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", 1);
        ScoreJson.Write(writer, "float", diagnosis.Float);
        if (diagnosis.Quantized is { } quantized) ScoreJson.Write(writer, "quantized", quantized);
        writer.WriteStartArray("layers");
        foreach (var layer in diagnosis.Layers) Layer(writer, names[layer.Layer], layer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Layer(Utf8JsonWriter writer, string name, LayerDiagnosis layer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", layer.Layer);
        writer.WriteString("name", name);
        writer.WriteNumber("weights", layer.Bits.Weights.Bits);
        writer.WriteNumber("activations", layer.Bits.Activations.Bits);
        Number(writer, "givenBack", layer.GivenBack);
        Number(writer, "damageAlone", layer.Alone);
        Number(writer, "sqnrDb", layer.SqnrDb);
        Number(writer, "weightSqnrDb", layer.WeightSqnrDb);
        Number(writer, "inputSqnrDb", layer.InputSqnrDb);
        Number(writer, "pathSqnrDb", layer.PathSqnrDb);
        Number(writer, "channelSpread", layer.ChannelSpread);
        Number(writer, "accumulatorBits", layer.AccumulatorBits);
        if (layer.Input is { } input)
        {
            writer.WriteStartObject("input");
            Number(writer, "min", input.Min);
            Number(writer, "max", input.Max);
            Number(writer, "low", input.Low);
            Number(writer, "high", input.High);
            Number(writer, "saturation", input.Saturation);
            Number(writer, "outlierRatio", input.OutlierRatio);
            Number(writer, "zeros", input.Zeros);
            writer.WriteEndObject();
        }
        Damage(writer, "damageOfWeights", layer.DamageOfWeights);
        Damage(writer, "damageOfActivations", layer.DamageOfActivations);
        writer.WriteEndObject();
    }

    private static void Damage(Utf8JsonWriter writer, string name, IReadOnlyDictionary<int, double> damage)
    {
        if (damage.Count == 0) return;
        writer.WriteStartObject(name);
        foreach (var (bits, loss) in damage) Number(writer, bits.ToString(Tables.Culture), loss);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } known && double.IsFinite(known)) writer.WriteNumber(name, known);
    }
}
