using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Reporting.Checks;

/// <summary>Checks in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as code hosts read it: broken limits and the build's warnings.</summary>
public static class SarifLog
{
    private static readonly JsonWriterOptions s_format = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Result(DiagnosticDescriptor Rule, string Level, string Text, string Uri, int Line, int Column, string Fingerprint);

    /// <summary>The log's text.</summary>
    /// <param name="runs">What was checked; a manifest's path is relative to the repository's root, with forward slashes.</param>
    public static string Write(IReadOnlyList<CheckRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var results = runs.SelectMany(ResultsOf).ToList();
        var rules = results.Select(r => r.Rule).Distinct().OrderBy(r => r.Code, StringComparer.Ordinal).ToList();
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_format))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            Tool(json, rules, runs.Count > 0 ? runs[0].Report.Engine : null);
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

    private static IEnumerable<Result> ResultsOf(CheckRun run)
    {
        foreach (var outcome in run.Outcomes.Where(o => o.Status != CheckStatus.Passed))
            yield return ResultOf(run, outcome.Rule, "error", outcome.Message, outcome.Name, null);
        foreach (var warning in run.Report.Warnings)
            if (DiagnosticCatalog.All.FirstOrDefault(d => d.Code == warning.Code) is { } rule)
                yield return ResultOf(run, rule, "warning", warning.Message, warning.Message, warning);
    }

    private static Result ResultOf(CheckRun run, DiagnosticDescriptor rule, string level, string text, string what, WarningFacts? warning)
    {
        bool inManifest = warning is null || (warning.File is not null && run.Manifest.File.EndsWith(warning.File, StringComparison.Ordinal));
        int line = inManifest ? warning?.Line ?? run.Manifest.Line : 0, column = inManifest ? warning?.Column ?? run.Manifest.Column : 0;
        // Neither figures nor places are part of the identity: a budget that stays broken stays one alert.
        string identity = $"{rule.Code}\n{run.Manifest.File}\n{run.Report.Model.File}\n{run.Report.Hardware.Name}\n{what}";
        return new Result(rule, level, $"{run.Subject}: {text}", run.Manifest.File, line, column, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity))));
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
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("haqCheck/v1", result.Fingerprint);
        json.WriteEndObject();
        json.WriteEndObject();
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
