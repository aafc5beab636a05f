using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Reporting.Comparison;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Engine.Reporting;

/// <summary>
/// The report as JSON: camel-case names in a fixed order, numbers in the shortest form that reads back equal, UTF-8, <c>\n</c> line ends, a final newline.
/// Equal models give equal bytes. Unknown parts are left out; a figure that is not finite is null.
/// </summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        NewLine = "\n",
        // Layer names are shown as they are; the file is never pasted into a script element.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false), new FiniteNumberConverter() },
    };

    /// <summary>The report's text.</summary>
    public static string Write(ReportModel report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return JsonSerializer.Serialize(report, s_options) + "\n";
    }

    /// <summary>A comparison's text, in the same form.</summary>
    public static string Write(ReportDiff diff)
    {
        ArgumentNullException.ThrowIfNull(diff);
        return JsonSerializer.Serialize(diff, s_options) + "\n";
    }

    /// <summary>A matrix's text, in the same form.</summary>
    public static string Write(MatrixReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return JsonSerializer.Serialize(report, s_options) + "\n";
    }

    /// <summary>Reads what <see cref="Write(ReportModel)"/> wrote. Names that this version does not know are skipped.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Its file, for messages.</param>
    /// <exception cref="HaqException">Not a report, of a later version, or with figures that contradict each other.</exception>
    public static ReportModel Read(string json, string file)
    {
        ArgumentNullException.ThrowIfNull(json);
        ReportModel? report;
        try
        {
            CheckVersion(json, file);
            report = JsonSerializer.Deserialize<ReportModel>(json, s_options);
        }
        catch (JsonException e)
        {
            var place = new SourceLocation(file, (int)(e.LineNumber + 1 ?? 0), (int)(e.BytePositionInLine + 1 ?? 0));
            string where = string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : $" at {e.Path}";
            throw DiagnosticCatalog.UnreadableReport.Error(
                place, $"this is not a report that can be read: {FirstSentence(e.Message)}{where}. Give a *.report.json that a build wrote, or build again.", e);
        }
        if (report is null) throw DiagnosticCatalog.UnreadableReport.Error(file, "this is not a report: the file holds 'null'. Give a *.report.json that a build wrote.");
        if (ReportRules.FirstBroken(report) is { } broken)
            throw DiagnosticCatalog.UnreadableReport.Error(file, $"the report contradicts itself: {broken}. It was edited or damaged; build again.");
        return report;
    }

    /// <summary>Reads a report file.</summary>
    /// <exception cref="HaqException">The file cannot be read, or <see cref="Read"/> refuses it.</exception>
    public static ReportModel ReadFile(string path)
    {
        try
        {
            OrdinaryFile.Require(path);
            return Read(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw DiagnosticCatalog.UnreadableReport.Error(path, $"cannot read the report: {reason}. A build writes it beside the quantized model, as NAME.haq.report.json.", e);
        }
    }

    private static void CheckVersion(string json, string file)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("schema", out var schema) || schema.ValueKind != JsonValueKind.Number || !schema.TryGetInt32(out int version))
        {
            throw DiagnosticCatalog.UnreadableReport.Error(file, "this is not a report: it has no 'schema' number. Give a *.report.json that a build wrote.");
        }

        if (version is < 1 or > ReportModel.CurrentSchema)
        {
            throw DiagnosticCatalog.UnreadableReport.Error(
                file, $"the report has schema {version}, this tool reads 1 to {ReportModel.CurrentSchema}. Use the tool version that wrote it, or a later one.");
        }
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}
