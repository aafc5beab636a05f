using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Haq.Engine.Diagnostics;

namespace Haq.Engine.Reporting.Checks;

/// <summary>Writes results in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as code hosts read it.</summary>
internal static class SarifDocument
{
    private static readonly JsonWriterOptions s_format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One result.</summary>
    /// <param name="Rule">What it is an instance of.</param>
    /// <param name="Level"><c>error</c>, <c>warning</c> or <c>note</c>.</param>
    /// <param name="Text">The message.</param>
    /// <param name="Uri">The file, relative to the repository's root.</param>
    /// <param name="Line">From 1; 0 where there is none.</param>
    /// <param name="Column">From 1; 0 where there is none.</param>
    /// <param name="Fingerprint">What makes it the same result in another run.</param>
    /// <param name="Element">A part of the file that has no line, such as a node; null without one.</param>
    public sealed record Result(DiagnosticDescriptor Rule, string Level, string Text, string Uri, int Line, int Column, string Fingerprint, string? Element = null);

    /// <summary>The log's text.</summary>
    public static string Write(IReadOnlyList<Result> results, string? version)
    {
        var rules = results.Select(r => r.Rule).Distinct().OrderBy(r => r.Code, StringComparer.Ordinal).ToList();
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_format))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            Tool(json, rules, version);
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var result in results) Write(json, result, rules.IndexOf(result.Rule));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Tool(Utf8JsonWriter json, List<DiagnosticDescriptor> rules, string? version)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "haq");
        if (version is not null) json.WriteString("version", version);
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Code);
            Text(json, "shortDescription", rule.Title);
            Text(json, "help", $"{rule.Title}. The page docs/diagnostics/{rule.Code}.md says what it means and what to do.");
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", rule.IsWarning ? "warning" : "error");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Result result, int ruleIndex)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", result.Rule.Code);
        json.WriteNumber("ruleIndex", ruleIndex);
        json.WriteString("level", result.Level);
        Text(json, "message", result.Text);
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", UriOf(result.Uri));
        json.WriteString("uriBaseId", "%SRCROOT%");
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", Math.Max(1, result.Line));
        if (result is { Line: > 0, Column: > 0 }) json.WriteNumber("startColumn", result.Column);
        json.WriteEndObject();
        json.WriteEndObject();
        if (result.Element is { } element) Logical(json, element);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("haqCheck/v1", result.Fingerprint);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Logical(Utf8JsonWriter json, string element)
    {
        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        json.WriteString("name", element);
        json.WriteString("kind", "element");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    // A relative URI reference: each segment escaped, slashes kept.
    private static string UriOf(string path) => string.Join('/', path.Replace('\\', '/').Split('/').Select(Uri.EscapeDataString));
}
