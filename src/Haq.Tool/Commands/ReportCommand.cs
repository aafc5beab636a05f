using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq report [REPORT] [--full]</c></summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("REPORT")
        {
            Description = "A *.haq.report.json (or the page beside it), or a folder that holds one, here or below; the newest is taken.",
            DefaultValueFactory = _ => ".",
        };
        var json = new Option<bool>("--json") { Description = "Print the report's JSON." };
        var markdown = new Option<bool>("--markdown") { Description = "Print a summary for a pull request or a job page, e.g. >> $GITHUB_STEP_SUMMARY." };
        var html = new Option<string?>("--html") { Description = "Write the page again from the JSON.", HelpName = "FILE" };
        var open = new Option<bool>("--open") { Description = "Show the page in the browser." };
        var full = new Option<bool>("--full")
        {
            Description = "Measure what the build left out to save time, and write the report again. REPORT is then the manifest, or its folder; what was made before comes out of the cache, the rest is built first.",
        };
        var command = new Command("report", "What a build gained: figures beside 8 bit and float, the bits of every layer, and why.") { path, full, json, markdown, html, open };
        command.SetAction((parsed, cancellation) =>
        {
            string given = parsed.GetRequiredValue(path);
            var completed = parsed.GetValue(full) ? Complete(ManifestArgument.Resolve(given), parsed, cancellation) : null;
            string file = completed?.Outputs.First(o => o.Kind == "report-json").Path ?? ReportFile.Find(given);
            var report = JsonReport.ReadFile(file);
            string? page = parsed.GetValue(html);
            if (page is not null) AtomicFile.Write(page, Encoding.UTF8.GetBytes(HtmlReport.Write(report)));
            if (parsed.GetValue(json)) Console.Out.Write(JsonReport.Write(report));
            else if (parsed.GetValue(markdown)) Console.Out.Write(MarkdownReport.Summary(report));
            else if (page is null || !parsed.GetValue(open)) ReportSummary.Print(report, file);
            if (parsed.GetValue(open)) Open(page ?? PageOf(file, report));
            return Task.FromResult((int)(completed?.BrokenGates is [var first, ..] ? first.Descriptor.Exit : ExitCode.Ok));
        });
        return command;
    }

    private static PipelineResult Complete(string manifest, ParseResult parsed, CancellationToken cancellation)
    {
        using var cache = RemoteCacheOption.Open(parsed);
        PipelineResult result;
        using (var progress = new ConsoleProgress())
            result = ManifestBuild.Run(new PipelineOptions(manifest, cache.Stages) { FullReport = true }, progress, cancellation);
        foreach (var told in result.Warnings.Concat(result.BrokenGates)) Console.Error.WriteLine(told);
        return result;
    }

    // The page may have been left out or deleted; the JSON holds all of it.
    private static string PageOf(string file, ReportModel report)
    {
        string page = Path.ChangeExtension(file, ".html");
        if (!File.Exists(page)) AtomicFile.Write(page, Encoding.UTF8.GetBytes(HtmlReport.Write(report)));
        return page;
    }

    private static void Open(string page)
    {
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(Path.GetFullPath(page)) { UseShellExecute = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.Error.WriteLine($"haq: no browser could be started; open {Path.GetFullPath(page)}");
        }
    }
}
