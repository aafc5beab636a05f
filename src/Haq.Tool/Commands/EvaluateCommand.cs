using System.CommandLine;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq evaluate [haq.yaml] [--bits N | --policy FILE]</c></summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var bits = new Option<string?>("--bits") { Description = "A uniform policy: a width (8, 16, float) or a pair (w8a16); what the manifest pins stays pinned.", HelpName = "WIDTH" };
        var policy = new Option<string?>("--policy") { Description = "A policy file. Default: the policy of haq.lock.json.", HelpName = "FILE" };
        var steps = new Option<bool>("--steps") { Description = "What each step of quantization gained: from the plainest quantization, the manifest's steps are switched on one after the other." };
        var json = new Option<bool>("--json") { Description = "Print JSON: the objects float and quantized, in percent, and the cost." };
        var command = new Command("evaluate", "Measure a policy without searching, on the samples that no choice is made on. Examples: haq evaluate --bits 6; haq evaluate --bits 4 --steps") { manifest, bits, policy, steps, json };
        var target = new TargetOptions().AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var cache = RemoteCacheOption.Open(parsed);
            var options = target.Apply(parsed, new PipelineOptions(ManifestArgument.Resolve(parsed.GetValue(manifest)), cache.Stages));
            Measurement measured;
            using (var progress = new ConsoleProgress())
            using (var workspace = Workspace.Open(options, progress, cancellation))
            {
                measured = PolicyMeasurement.Run(workspace, w => PolicyChoice.Of(w, parsed.GetValue(bits), parsed.GetValue(policy)), parsed.GetValue(steps));
                progress.Dispose();
                foreach (var warning in workspace.Warnings) Console.Error.WriteLine(warning);
            }

            if (parsed.GetValue(json)) PrintJson(measured);
            else PrintTable(measured);
            return Task.CompletedTask;
        });
        return command;
    }

    private static void PrintTable(Measurement measured)
    {
        var table = Tables.New("", "top-1", "top-5", "agreement", "loss", "samples");
        Row("float", measured.Float);
        Row("quantized", measured.Quantized);
        table.Print();
        if (measured.Difference is { } d)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"top-1 {d.Points:+0.00;-0.00} points from float, standard error {d.StandardError:0.00} (paired, {d.Samples} samples)"));
        StepTable.Print(measured.Steps);
        if (measured.Regions is { } file)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"file {file.QuantizedMs:G5} ms, {file.Ratio:P1} of float's {file.FloatMs:G5} ms ({file.Threads} {(file.Threads == 1 ? "thread" : "threads")}, {file.Processor}); parameters {measured.Cost.SizeBits / 8e3:N1} kB"));
            return;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"latency {measured.Cost.LatencySeconds * 1e3:G5} ms, {measured.Cost.LatencySeconds / measured.EightBit.LatencySeconds:P1} of uniform 8 bit; parameters {measured.Cost.SizeBits / 8e3:N1} kB"));

        void Row(string name, PolicyScore score) => table.AddText(
            name, Percent(score.Top1), Percent(score.Top5), Percent(score.Agreement), score.Loss.ToString("G4", CultureInfo.InvariantCulture), score.Samples.ToString(CultureInfo.InvariantCulture));
    }

    private static string Percent(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";

    private static void PrintJson(Measurement measured) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        ScoreJson.Write(writer, "float", measured.Float);
        ScoreJson.Write(writer, "quantized", measured.Quantized);
        if (measured.Difference is { } d)
        {
            writer.WriteStartObject("top1Difference");
            writer.WriteNumber("points", d.Points);
            writer.WriteNumber("standardError", d.StandardError);
            writer.WriteEndObject();
        }
        StepTable.WriteJson(writer, measured.Steps);
        if (measured.Regions is { } file)
        {
            writer.WriteStartObject("file");
            writer.WriteNumber("milliseconds", file.QuantizedMs);
            writer.WriteNumber("floatMilliseconds", file.FloatMs);
            writer.WriteNumber("ratio", file.Ratio);
            writer.WriteString("plan", file.Plan);
            writer.WriteEndObject();
        }
        ScoreJson.WriteCost(writer, measured.Cost);
        writer.WriteNumber("latencyVs8Bit", measured.Cost.LatencySeconds / measured.EightBit.LatencySeconds);
        writer.WriteString("policyDigest", measured.Policy.Digest);
        writer.WriteEndObject();
    });
}
