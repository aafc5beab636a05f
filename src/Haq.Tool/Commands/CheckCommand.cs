using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;
using Haq.Tool.Options;
using Haq.Tool.Output;
using Haq.Tool.Projects;

namespace Haq.Tool.Commands;

/// <summary><c>haq check [haq.yaml|PROJECT|SOLUTION] [--build] [--baseline REPORT] [--sarif F] [--junit F] [--markdown F]</c>, and <c>haq check --target NAME MODEL.onnx</c></summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var path = new Argument<string?>(
            "path") { Description = "A manifest, a project, a solution or a folder. Default: haq.yaml in this folder. With --target: a quantized model.",
            Arity = ArgumentArity.ZeroOrOne, HelpName = "haq.yaml|PROJECT|SOLUTION|MODEL" };
        var baseline = new Option<string?>("--baseline") { Description = "A report that cost and accuracy may not fall behind.", HelpName = "REPORT" };
        var locked = new Option<bool>("--locked") { Description = "The default, kept for scripts: what haq.lock.json says is checked, and nothing is searched or written." };
        var build = new Option<bool>("--build") { Description = "Build first, searching where the lock file is missing or out of date; outputs and lock file are written as a build does." };
        var cost = new Option<double>("--cost-tolerance") { Description = "With --baseline: percent that latency, energy and size may be worse.", HelpName = "PERCENT", DefaultValueFactory = _ => 1 };
        var accuracy = new Option<double>("--accuracy-tolerance") { Description = "With --baseline: points of accuracy that may be lost.", HelpName = "POINTS", DefaultValueFactory = _ => 0.5 };
        var sarif = new Option<string?>("--sarif") { Description = "Write SARIF 2.1.0 for code scanning.", HelpName = "FILE" };
        var junit = new Option<string?>("--junit") { Description = "Write JUnit XML for test reports.", HelpName = "FILE" };
        var markdown = new Option<string?>("--markdown") { Description = "Write a summary, e.g. to $GITHUB_STEP_SUMMARY.", HelpName = "FILE" };
        var target = new ConformanceOptions();
        var command = new Command("check",
            "Hold models against their budgets and an earlier report, as haq.lock.json has them; or, with --target, any QDQ model against what a toolchain takes. Nothing is searched and nothing written but the logs asked for. "
            + "Exit status 1 where a limit is broken or a node falls back. Examples: haq check --sarif haq.sarif; haq check App.sln --markdown summary.md; haq check --build --baseline main.haq.report.json --cost-tolerance 2; haq check --target qnn model.onnx")
        {
            path, baseline, cost, accuracy, build, locked, sarif, junit, markdown, target.Target, target.Allow, target.Json,
        };
        target.Validate(command, baseline, locked, junit, markdown);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(target.Target) is { } name)
                return Task.FromResult((int)ConformanceRun.Of(parsed.GetRequiredValue(path)!, name, parsed.GetValue(target.Allow)!, parsed.GetValue(target.Json), parsed.GetValue(sarif)));
            var before = parsed.GetValue(baseline) is { } file ? JsonReport.ReadFile(ReportFile.Find(file)) : null;
            var tolerance = new BaselineTolerance(parsed.GetValue(cost) / 100, parsed.GetValue(accuracy));
            using var cache = RemoteCacheOption.Open(parsed);
            var runs = new List<CheckRun>();
            foreach (string manifest in Manifests(parsed.GetValue(path))) runs.Add(Check(manifest, cache.Stages, before, tolerance, parsed.GetValue(build), cancellation));
            CheckRun[] hosted = [.. runs.Select(r => r with { Manifest = r.Manifest with { File = RepositoryPath.Of(r.Manifest.File, Directory.GetCurrentDirectory()) } })];
            Write(parsed.GetValue(sarif), () => SarifLog.Write(hosted));
            Write(parsed.GetValue(junit), () => JUnitLog.Write(hosted));
            Write(parsed.GetValue(markdown), () => MarkdownReport.Checks(runs));
            foreach (var run in runs) Print(run);
            // A build that failed says by its status how; a broken limit is 1.
            var failed = runs.Where(r => r.Report is null).Select(r => r.Outcomes[0].Rule.Exit);
            return Task.FromResult((int)failed.Append(runs.All(r => r.Passed) ? ExitCode.Ok : ExitCode.CheckFailed).Max());
        });
        return command;
    }

    private static ImmutableArray<string> Manifests(string? path)
    {
        bool isManifest = path is null ? File.Exists("haq.yaml") : path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(path, "haq.yaml"));
        if (isManifest) return [ManifestArgument.Resolve(path)];
        ImmutableArray<string> found = [.. ProjectManifests.Of(path ?? "").Select(m => m.Manifest).Distinct(StringComparer.Ordinal)];
        return found.IsEmpty
            ? throw DiagnosticCatalog.ManifestUnreadable.Error(path ?? ".", "no project here builds a manifest. Name a haq.yaml, or restore the projects first (dotnet restore).")
            : found;
    }

    private static CheckRun Check(string manifest, StageCache cache, ReportModel? baseline, BaselineTolerance tolerance, bool build, CancellationToken cancellation)
    {
        var at = new SourceLocation(manifest);
        // Outputs of a check that builds nothing go where nobody looks.
        string? scratch = build ? null : Directory.CreateTempSubdirectory("haq-check-").FullName;
        try
        {
            var options = new PipelineOptions(manifest, cache) { Locked = !build, OutputFolder = scratch };
            using var progress = new ConsoleProgress();
            var result = ManifestBuild.Run(options, progress, cancellation);
            var budget = ManifestReader.Read(manifest).Budget;
            return new CheckRun(at, result.Report, [.. ReportChecks.Run(result.Report, baseline, tolerance).Select(o => o with { At = PlaceOf(o, budget) })]);
        }
        catch (HaqException e)
        {
            return CheckRun.Failed(at, e);
        }
        finally
        {
            if (scratch is not null) Directory.Delete(scratch, recursive: true);
        }
    }

    private static SourceLocation? PlaceOf(CheckOutcome outcome, BudgetSettings budget) => outcome.Name.Split(' ')[0] switch
    {
        "latency" => budget.Latency?.At,
        "energy" => budget.Energy?.At,
        "size" => (budget.Size ?? budget.EffectiveBits)?.At,
        "file-size" => budget.FileSize?.At,
        "accuracy" => budget.AccuracyDrop?.At,
        _ => null,
    };

    private static void Write(string? file, Func<string> content)
    {
        if (file is not null) AtomicFile.Write(file, Encoding.UTF8.GetBytes(content()));
    }

    private static void Print(CheckRun run)
    {
        Console.WriteLine(run.Subject);
        foreach (var outcome in run.Outcomes)
        {
            string mark = outcome.Status switch { CheckStatus.Passed => "passed", CheckStatus.Failed => "FAILED", _ => "UNCHECKED" };
            Console.WriteLine($"  {mark,-9} {outcome.Name}: {outcome.Message}");
            if (outcome.Status != CheckStatus.Passed) Console.Error.WriteLine(outcome.Rule.At(outcome.At ?? run.Manifest, outcome.Message));
        }
        if (run.Outcomes.IsEmpty) Console.WriteLine("  nothing to check: the manifest sets no budget and no baseline was given");
    }
}
