using System.Text.Json;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Probing;

namespace Haq.Tool.Output;

/// <summary>What <c>haq measure</c> did, for scripts.</summary>
internal static class MeasureJson
{
    public static void Write(Utf8JsonWriter writer, string? folder, ProbeBundle? written, BundleImport? imported)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", 1);
        if (written is not null) Write(writer, folder!, written);
        if (imported is not null) Write(writer, imported);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string folder, ProbeBundle bundle)
    {
        writer.WriteStartObject("bundle");
        writer.WriteString("folder", folder);
        writer.WriteString("model", bundle.Model);
        writer.WriteString("modelDigest", bundle.ModelDigest);
        writer.WriteNumber("batch", bundle.Batch);
        writer.WriteNumber("layers", bundle.Layers.Length);
        writer.WriteStartArray("widths");
        foreach (string pair in bundle.Widths) writer.WriteStringValue(pair);
        writer.WriteEndArray();
        writer.WriteStartArray("probes");
        foreach (var probe in bundle.Probes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", probe.Name);
            writer.WriteString("kind", probe.Kind.ToString().ToLowerInvariant());
            writer.WriteString("file", probe.File);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, BundleImport imported)
    {
        var import = imported.Import;
        writer.WriteString("hardware", imported.HardwarePath);
        writer.WriteString("table", imported.TablePath);
        writer.WriteString("device", import.Device);
        if (imported.KeptRun is { } run) writer.WriteString("keptRun", run);
        writer.WriteNumber("probes", import.Probes);
        if (import.Spread is { } spread) writer.WriteNumber("spread", spread);
        writer.WriteBoolean("energies", import.HasEnergy);
        writer.WriteStartObject("fit");
        writer.WriteNumber("overheadSeconds", import.Overhead);
        writer.WriteStartObject("scales");
        foreach (var (pair, scale) in import.Scales) writer.WriteNumber(pair, scale);
        writer.WriteEndObject();
        writer.WriteNumber("convertScale", import.ConvertScale);
        writer.WriteNumber("expectedErrorPercent", import.ExpectedError * 100);
        writer.WriteStartArray("networks");
        foreach (var p in import.Policies)
        {
            writer.WriteStartObject();
            writer.WriteString("probe", p.Probe);
            writer.WriteNumber("measuredSeconds", p.MeasuredSeconds);
            writer.WriteNumber("predictedSeconds", p.PredictedSeconds);
            if (p.HeldOutError is { } error) writer.WriteNumber("heldOutErrorPercent", error * 100);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
