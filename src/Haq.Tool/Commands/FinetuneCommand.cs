using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq finetune [haq.yaml] [--policy FILE]</c></summary>
internal static class FinetuneCommand
{
    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var policy = new Option<string?>("--policy") { Description = "Train this policy's network. Default: the build's own policy, from haq.lock.json or a search.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Where model, report and policy go, instead of the place that the manifest names.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print the report as JSON, with the objects float, quantized and finetuned." };
        var command = new Command("finetune", "Train the quantized network further, as the manifest's finetune section says. Ctrl-C keeps the last epoch; the next run goes on from there.")
        {
            manifest, policy, output, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string file = ManifestArgument.Resolve(parsed.GetValue(manifest));
            if (ManifestReader.Read(file, Strategies.Names).Finetune is null)
                throw DiagnosticCatalog.MissingKey.Error(file, "has no 'finetune:' section, so there is nothing to train with. For a start: 'finetune: {epochs: 2}'.");
            using var cache = RemoteCacheOption.Open(parsed);
            var options = new PipelineOptions(file, cache.Stages)
            {
                OutputFolder = parsed.GetValue(output),
                Policy = parsed.GetValue(policy) is { } path ? layers => PolicyFile.Load(path).For(layers, path) : null,
            };
            PipelineResult result;
            using (var progress = new ConsoleProgress()) result = ManifestBuild.Run(options, progress, cancellation);
            foreach (var warning in result.Warnings) Console.Error.WriteLine(warning);
            if (parsed.GetValue(json)) Console.WriteLine(JsonReport.Write(result.Report));
            else ReportSummary.Print(result.Report, result.Outputs.First(o => o.Kind == "report-json").Path);
            return Task.CompletedTask;
        });
        return command;
    }
}
