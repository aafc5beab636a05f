using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Reporting;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq quantize [haq.yaml] [--locked] [--output DIR]</c></summary>
internal static class QuantizeCommand
{
    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var locked = new Option<bool>("--locked") { Description = "Build from haq.lock.json without searching; fail where it is out of date." };
        var output = new Option<string?>("--output", "-o") { Description = "Where model, report and policy go, instead of the place that the manifest names.", HelpName = "DIR" };
        var policy = new Option<string?>("--policy") { Description = "Use this policy in place of a search. The lock file stays as it is.", HelpName = "FILE" };
        var strategy = new Option<string?>("--strategy") { Description = "Override the manifest's search strategy." };
        var episodes = new Option<int?>("--episodes") { Description = "Override the manifest's number of episodes." };
        var seed = new Option<int?>("--seed") { Description = "Override the manifest's seed." };
        var format = new Option<string?>(
            "--format") { Description = "Write another format than the manifest says: qdq for ONNX Runtime, qonnx for FINN and hls4ml. The lock file stays as it is.",
            HelpName = "qdq|qonnx" };
        format.AcceptOnlyFromAmong("qdq", "qonnx");
        var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
        var command = new Command("quantize", "Quantize the model that a manifest names: what the build does. The second run does nothing, and Ctrl-C loses nothing that was found.")
        {
            manifest, locked, output, policy, format, strategy, episodes, seed, json,
        };
        var target = new TargetOptions().AddTo(command);
        var device = new DeviceOptions().AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            string file = ManifestArgument.Resolve(parsed.GetValue(manifest));
            using var cache = RemoteCacheOption.Open(parsed);
            var options = new PipelineOptions(file, cache.Stages)
            {
                Locked = parsed.GetValue(locked),
                OutputFolder = parsed.GetValue(output),
                Format = parsed.GetValue(format) is { } named ? Enum.Parse<ExportFormat>(named, ignoreCase: true) : null,
                Strategy = parsed.GetValue(strategy),
                Episodes = parsed.GetValue(episodes),
                Seed = parsed.GetValue(seed),
                Device = device.Access(parsed),
                Policy = parsed.GetValue(policy) is { } path ? layers => PolicyFile.Load(path).For(layers, path) : null,
            };
            PipelineResult result;
            using (var progress = new ConsoleProgress()) result = ManifestBuild.Run(target.Apply(parsed, options), progress, cancellation);
            foreach (var warning in result.Warnings) Console.Error.WriteLine(warning);
            if (parsed.GetValue(json)) Console.WriteLine(JsonReport.Write(result.Report));
            else Print(result);
            foreach (var broken in result.BrokenGates) Console.Error.WriteLine(broken);
            return Task.FromResult((int)(result.BrokenGates is [var first, ..] ? first.Descriptor.Exit : ExitCode.Ok));
        });
        return command;
    }

    private static void Print(PipelineResult result)
    {
        Console.WriteLine(Headline.Of(result.Report));
        foreach (var output in result.Outputs) Console.WriteLine($"  {output.Kind,-12} {Path.GetRelativePath(Directory.GetCurrentDirectory(), output.Path)}");
    }
}
