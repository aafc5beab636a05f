using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting;
using Haq.Tool.Output;

namespace Haq.Tool.BuildHost;

/// <summary>The engine's pipeline as a build's <see cref="BuildModel"/>.</summary>
internal static class PipelineBuild
{
    public static BuiltModel Run(ModelOrder order, IProgress<string> progress, CancellationToken cancellation)
    {
        NativeLibraries.Prepare();
        var options = new PipelineOptions(order.Manifest, order.Cache)
        {
            OutputFolder = order.OutputDirectory,
            Locked = order.Locked,
            Strategy = order.Strategy,
            Device = order.Measure ? new DeviceAccess() : null,
            Workers = order.Workers,
        };
        string name = Path.GetFileName(Path.GetDirectoryName(order.Manifest)!) + "/" + Path.GetFileName(order.Manifest);
        var result = ManifestBuild.Run(options, new Relay<PipelineProgress>(at => progress.Report($"{name}: {ConsoleProgress.Line(at)}")), cancellation);
        if (result.BrokenGates.Count > 0) throw new HaqException([.. result.BrokenGates, .. result.Warnings]);
        var models = result.Outputs.Where(IsNeededToLoad).Select(o => o.Path).ToArray();
        string summary = $"{Path.GetFileName(models[0])}: {Headline.Of(result.Report)}{(result.FromCache ? " (from the cache)" : "")} Report: {result.Outputs.First(o => o.Kind == "report").Path}";
        return new BuiltModel(models, [.. result.Outputs.Where(o => !IsNeededToLoad(o)).Select(o => o.Path)], result.Records, result.Warnings, summary);
    }

    private static bool IsNeededToLoad(PipelineOutput output) => output.Kind is "model" or "data";
}
