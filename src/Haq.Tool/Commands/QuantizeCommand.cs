using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Reporting;
using Haq.Tool.Matrix;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq quantize [haq.yaml …] [--hardware A,B,C] [--locked] [--output DIR]</c></summary>
internal static class QuantizeCommand
{
    public static Command Create()
    {
        var manifests = ManifestArgument.CreateMany();
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
        var command = new Command(
            "quantize",
            """
            Quantize the model that a manifest names: what the build does. The second run does nothing, and Ctrl-C loses nothing that was found. Several manifests, or several targets, make a
            matrix: each cell has outputs and a lock file of its own, what cells share is computed once, and a summary (matrix.html, .md and .json) shows all of them.

            Examples:
              haq quantize
              haq quantize '**/haq.yaml'
              haq quantize '**/haq.yaml' --hardware bismo-edge,bismo-cloud,npu.yaml --jobs 4
            """)
        {
            manifests, locked, output, policy, format, strategy, episodes, seed, json,
        };
        var target = TargetOptions.OfMany().AddTo(command);
        var device = new DeviceOptions().AddTo(command);
        var matrix = new MatrixOptions().AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var wanted = matrix.Read(parsed, parsed.GetValue(manifests), target.Hardware(parsed));
            using var cache = RemoteCacheOption.Open(parsed);
            using var cluster = ClusterOption.Open(parsed, cache);
            var options = new PipelineOptions(wanted.Manifests[0], cache.Stages)
            {
                Locked = parsed.GetValue(locked),
                OutputFolder = parsed.GetValue(output),
                Format = parsed.GetValue(format) is { } named ? Enum.Parse<ExportFormat>(named, ignoreCase: true) : null,
                Strategy = parsed.GetValue(strategy),
                Episodes = parsed.GetValue(episodes),
                Seed = parsed.GetValue(seed),
                Device = device.Access(parsed),
                Workers = cluster.Workers,
                Policy = parsed.GetValue(policy) is { } path ? layers => PolicyFile.Load(path).For(layers, path) : null,
            };
            options = target.Apply(parsed, options);
            if (wanted.IsMatrix) return Task.FromResult((int)MatrixQuantization.Run(wanted, options, parsed.GetValue(json), cancellation));
            PipelineResult result;
            using (var progress = wanted.IsQuiet ? null : new ConsoleProgress()) result = ManifestBuild.Run(options, progress, cancellation);
            foreach (var warning in result.Warnings) Console.Error.WriteLine(warning);
            if (parsed.GetValue(json)) Console.WriteLine(JsonReport.Write(result.Report));
            else if (!wanted.IsQuiet) Print(result);
            foreach (var broken in result.BrokenGates) Console.Error.WriteLine(broken);
            return Task.FromResult((int)(result.BrokenGates is [var first, ..] ? first.Descriptor.Exit : ExitCode.Ok));
        });
        return command;
    }

    private static void Print(PipelineResult result)
    {
        Console.WriteLine(Headline.Of(result.Report));
        foreach (var output in result.Outputs) Console.WriteLine($"  {output.Kind,-12} {ShownPath.Of(output.Path)}");
    }
}
