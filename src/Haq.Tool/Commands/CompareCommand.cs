using System.CommandLine;
using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq compare [haq.yaml]</c></summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var episodes = new Option<int?>("--episodes") { Description = "Override the manifest's number of episodes of the agent." };
        var seed = new Option<int?>("--seed") { Description = "Override the manifest's seed." };
        var hardware = new Option<string?>("--hardware") { Description = "Override the manifest's hardware.", HelpName = "NAME|FILE" };
        var scorers = new Option<bool>("--scorers") { Description = "Compare the ways of scoring choices instead: how well each ranks what is measured, and the knapsack's policy by it." };
        var json = new Option<bool>("--json") { Description = "Print the comparison as JSON." };
        var command = new Command(
            "compare",
            """
            Choose the bits in every way there is, on the manifest's budget: the best uniform policy, HAQ's rule alone (all at 8 bit, lowered from the last layer until it fits),
            HAQ's agent, the knapsack, and auto. Accuracy is measured on images that none of them saw.

            Examples:
              haq compare haq.yaml --hardware bismo-cloud
              haq compare haq.yaml --scorers
            """)
        { manifest, episodes, seed, hardware, scorers, json };
        command.SetAction((parsed, cancellation) =>
        {
            using var cache = RemoteCacheOption.Open(parsed);
            using var cluster = ClusterOption.Open(parsed, cache);
            var options = new PipelineOptions(ManifestArgument.Resolve(parsed.GetValue(manifest)), cache.Stages)
            {
                Episodes = parsed.GetValue(episodes), Seed = parsed.GetValue(seed), Hardware = parsed.GetValue(hardware), Workers = cluster.Workers,
            };
            using var progress = new ConsoleProgress();
            using var workspace = Workspace.Open(options, progress, cancellation);
            using var exploration = new Exploration(workspace);
            if (parsed.GetValue(scorers))
            {
                var ranked = exploration.CompareScorers();
                progress.Dispose();
                ScorerTable.Print(workspace, ranked, parsed.GetValue(json));
                return Task.CompletedTask;
            }
            var rows = exploration.Compare();
            progress.Dispose();
            foreach (var warning in workspace.Warnings) Console.Error.WriteLine(warning);
            if (parsed.GetValue(json)) WriteJson(workspace, rows);
            else Print(workspace, rows);
            return Task.CompletedTask;
        });
        return command;
    }

    private static void Print(Workspace workspace, IReadOnlyList<ComparedPolicy> rows)
    {
        var eight = workspace.Pricing.EightBit;
        Console.WriteLine(
            $"{Path.GetFileName(workspace.Manifest.Model.FullPath)} on {workspace.Target.Name}; float: {Figure(workspace.ReportedSet.Float)} on {workspace.ReportedSet.Count} samples that no choice was made on");
        var table = Tables.New("policy", "latency ms", "of 8 bit", "size kB", "searched on", "unseen", "loss, unseen", "measured", "seconds").AlignRight(1, 8);
        foreach (var row in rows)
        {
            table.AddText(row.Name, (row.Cost.LatencySeconds * 1e3).ToString("0.####", Tables.Culture), (row.Cost.LatencySeconds / eight.LatencySeconds).ToString("0.000x", Tables.Culture),
                (row.Cost.SizeBits / 8e3).ToString("0.#", Tables.Culture), Figure(row.Searched), Figure(row.Unseen), row.Unseen.Loss.ToString("0.0000", Tables.Culture),
                row.Evaluated.ToString(Tables.Culture), row.Time.TotalSeconds.ToString("0.0", Tables.Culture));
        }
        table.Print();
    }

    internal static string Figure(PolicyScore score) => score.Top1 is { } top1 ? $"{top1.ToString("0.00", Tables.Culture)} %"
        : score.Agreement is { } agreement ? $"{agreement.ToString("0.00", Tables.Culture)} % agree"
        : score.SqnrDecibels is { } decibels ? $"{decibels.ToString("0.0", Tables.Culture)} dB"
        : $"loss {score.Loss.ToString("0.0000", Tables.Culture)}";

    private static void WriteJson(Workspace workspace, IReadOnlyList<ComparedPolicy> rows) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", 1);
        writer.WriteString("hardware", workspace.Target.Name);
        ScoreJson.Write(writer, "float", workspace.ReportedSet.Float);
        writer.WriteStartArray("policies");
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            ScoreJson.WriteCost(writer, row.Cost);
            ScoreJson.Write(writer, "searched", row.Searched);
            ScoreJson.Write(writer, "quantized", row.Unseen);
            writer.WriteNumber("measured", row.Evaluated);
            writer.WriteNumber("seconds", row.Time.TotalSeconds);
            writer.WriteString("bits", row.Policy.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
