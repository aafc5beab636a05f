using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting.Checks;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq check --target NAME MODEL.onnx [--allow NODE] [--json] [--sarif F]</c></summary>
internal static class ConformanceRun
{
    public static ExitCode Of(string model, string target, string[] allowed, bool json, string? sarif)
    {
        var profile = DialectCatalog.Load(target, ".");
        var report = ConformanceCheck.Run(OnnxModel.Load(model), profile, allowed);
        if (sarif is not null) AtomicFile.Write(sarif, Encoding.UTF8.GetBytes(ConformanceSarif.Write(report, model)));
        if (json) JsonOutput.Write(writer => ConformanceJson.Write(writer, report));
        else ConformanceText.Print(report);
        foreach (string unused in report.UnusedAllowances)
            Console.Error.WriteLine(DiagnosticCatalog.UnusedAllowance.At(new SourceLocation(model), $"no node that falls back is named '{unused}'. Remove --allow {unused}, or correct the name."));
        if (report.Passes) return ExitCode.Ok;
        var failing = report.Verdicts.Where(v => v.Fails).ToList();
        var gravest = failing.MinBy(v => v.Effect)!;
        string nodes = failing.Count == 1 ? "1 node" : $"{failing.Count} nodes";
        Console.Error.WriteLine(ConformanceSarif.RuleOf(gravest.Effect).At(new SourceLocation(model),
            $"{nodes} of {report.Nodes} would not run on {profile.Name}, the first '{(gravest.Name.Length == 0 ? "the whole model" : gravest.Name)}': {gravest.Breaches[0].What}. "
            + "Change what the lines say, or accept nodes with --allow."));
        return ExitCode.CheckFailed;
    }
}
