using System.Text.Json;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;

namespace Haq.Tool.Output;

/// <summary>A model held against a target, as JSON.</summary>
internal static class ConformanceJson
{
    public static void Write(Utf8JsonWriter writer, ConformanceReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("model", report.Model);
        writer.WriteString("target", report.Profile.Name);
        writer.WriteString("version", report.Profile.Version);
        writer.WriteString("caveat", ConformanceReport.Caveat);
        writer.WriteBoolean("passes", report.Passes);
        writer.WriteNumber("nodes", report.Nodes);
        writer.WriteNumber("refused", report.Count(RuleEffect.Refused));
        writer.WriteNumber("fallback", report.Count(RuleEffect.Fallback));
        writer.WriteStartArray("findings");
        foreach (var verdict in report.Verdicts)
        {
            writer.WriteStartObject();
            writer.WriteString("node", verdict.Name);
            writer.WriteString("operator", verdict.Operator);
            writer.WriteString("effect", ConformanceText.Word(verdict.Effect));
            writer.WriteBoolean("allowed", verdict.IsAllowed);
            writer.WriteStartArray("reasons");
            foreach (var breach in verdict.Breaches) Write(writer, report, breach);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ConformanceReport report, Breach breach)
    {
        writer.WriteStartObject();
        writer.WriteString("rule", breach.Rule.Kind);
        writer.WriteString("effect", ConformanceText.Word(breach.Rule.Effect));
        writer.WriteString("what", breach.What);
        writer.WriteString("change", breach.Change);
        if (breach.Tensor is { } tensor) writer.WriteString("tensor", tensor);
        if (breach.Attribute is { } attribute) writer.WriteString("attribute", attribute);
        writer.WriteString("source", report.Profile.SourceOf(breach.Rule).Url);
        writer.WriteEndObject();
    }
}
