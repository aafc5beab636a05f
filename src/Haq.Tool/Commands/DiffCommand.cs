using System.CommandLine;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Comparison;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq diff OLD NEW</c></summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var old = new Argument<string>("OLD") { Description = "The earlier report: a *.haq.report.json, or a folder that holds one." };
        var fresh = new Argument<string>("NEW") { Description = "The later report." };
        var json = new Option<bool>("--json") { Description = "Print JSON: every figure before and after, every reason." };
        var command = new Command("diff", "Why two builds differ, layer by layer: bits, cycles, sensitivity, bottleneck.") { old, fresh, json };
        command.SetAction(parsed =>
        {
            var diff = ReportDiff.Between(
                JsonReport.ReadFile(ReportFile.Find(parsed.GetRequiredValue(old))), JsonReport.ReadFile(ReportFile.Find(parsed.GetRequiredValue(fresh))));
            if (parsed.GetValue(json)) Console.Out.Write(JsonReport.Write(diff));
            else DiffTable.Print(diff);
        });
        return command;
    }
}
