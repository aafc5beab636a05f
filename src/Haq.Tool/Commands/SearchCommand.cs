using System.CommandLine;
using System.Text;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq search [haq.yaml] [--strategy …] [--episodes N] [--seed S] [--hardware A,B,C] [--pareto [--picture FILE]] [--explain] [--sensitivity NAME] [--agent FILE] [--output POLICY]</c></summary>
internal static class SearchCommand
{
    private const int FrontPoints = 12;

    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var strategy = new Option<string?>("--strategy") { Description = $"Override the manifest's strategy: {string.Join(", ", Strategies.Names)}." };
        var episodes = new Option<int?>("--episodes") { Description = "Override the manifest's number of episodes of the agent.", HelpName = "N" };
        var seed = new Option<int?>("--seed") { Description = "Override the manifest's seed.", HelpName = "S" };
        var hardware = new Option<string?>("--hardware") { Description = "Search for these targets in place of the manifest's, one after the other.", HelpName = "A,B,C" };
        var pareto = new Option<bool>("--pareto") { Description = "Also print the whole trade-off curve, measured, with the uniform policies beside it." };
        var picture = new Option<string?>("--picture") { Description = "With --pareto: also draw the curve, as a page of its own.", HelpName = "FILE.html" };
        var explain = new Option<bool>("--explain") { Description = "Also print how much every choice of bits hurts by itself." };
        var agent = new Option<string?>("--agent") { Description = "Start HAQ's agent from this file where it is there, and save it to it.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Write the policy here; with several targets, their names are put before the extension.", HelpName = "POLICY" };
        var sensitivity = SensitivityOption.Create();
        var json = new Option<bool>("--json") { Description = "Print everything as JSON." };
        var command = new Command(
            "search",
            """
            Choose the bits of every layer within the manifest's budget, and nothing else: no model is written. A search that was interrupted or killed goes on where it stopped.

            Examples:
              haq search --strategy auto --output fast.policy.json
              haq search --hardware bismo-edge,bismo-cloud
              haq search --pareto --json > curve.json
              haq search --hardware bismo-edge,bismo-cloud --picture curves.html
            """)
        { manifest, strategy, episodes, seed, hardware, pareto, picture, explain, sensitivity, agent, output, json };
        command.SetAction((parsed, cancellation) =>
        {
            string file = ManifestArgument.Resolve(parsed.GetValue(manifest));
            // A null target is the manifest's own.
            var targets = new List<string?>();
            if (parsed.GetValue(hardware) is { } list) targets.AddRange(list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            else targets.Add(null);
            string? page = parsed.GetValue(picture);
            bool curve = parsed.GetValue(pareto) || page is not null;
            var found = new List<Found>();
            var curves = new List<TradeOffCurve>();
            foreach (string? target in targets)
            {
                var options = new PipelineOptions(file, new StageCache(StageCache.DefaultRoot))
                {
                    Strategy = parsed.GetValue(strategy), Episodes = parsed.GetValue(episodes), Seed = parsed.GetValue(seed), Hardware = target,
                    Sensitivity = SensitivityOption.Read(parsed, sensitivity),
                    Agent = parsed.GetValue(agent) is { } path ? Path.GetFullPath(path) : null,
                };
                using var progress = new ConsoleProgress();
                using var workspace = Workspace.Open(options, progress, cancellation);
                using var exploration = new Exploration(workspace);
                string? place = parsed.GetValue(output) is { } wanted ? PlaceOf(wanted, workspace.Target.Name, targets.Count) : null;
                var outcome = exploration.Search(best => Save(workspace, best, place));
                Save(workspace, outcome.Policy, place);
                var front = curve ? exploration.Front(FrontPoints) : null;
                found.Add(new Found(workspace.Target.Name, workspace.Model.Items, outcome, workspace.Pricing, parsed.GetValue(explain) ? exploration.Scores() : null, front));
                if (page is not null) curves.Add(exploration.Curve(front!, outcome));
                progress.Dispose();
                foreach (var warning in workspace.Warnings) Console.Error.WriteLine(warning);
            }
            if (page is not null) AtomicFile.Write(Path.GetFullPath(page), Encoding.UTF8.GetBytes(TradeOffPage.Write(curves)));
            if (parsed.GetValue(json)) WriteJson(found);
            else foreach (var one in found) Print(one, found);
            return Task.CompletedTask;
        });
        return command;
    }

    private sealed record Found(
        string Hardware, IReadOnlyList<QuantizableLayer> Layers, SearchOutcome Outcome, Pricing Pricing, SensitivityTable? Scores, IReadOnlyList<FrontPoint>? Front);

    private static string PlaceOf(string output, string hardware, int targets) =>
        targets == 1 ? output : Path.Combine(Path.GetDirectoryName(output) ?? "", $"{Path.GetFileNameWithoutExtension(output)}.{hardware}{Path.GetExtension(output)}");

    private static void Save(Workspace workspace, Policy policy, string? place)
    {
        if (place is null) return;
        byte[] content = PolicyFile.Of(policy, workspace.Model.Items, workspace.ModelDigest, workspace.Target.Name).ToBytes();
        string temporary = $"{place}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, place, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.CannotWrite.Error(place, $"the policy cannot be written: {e.Message.TrimEnd('.')}. Choose another place with --output.", e);
        }
    }

    private static void Print(Found found, List<Found> all)
    {
        var (outcome, pricing) = (found.Outcome, found.Pricing);
        var cost = pricing.Costs.PriceWhole(outcome.Policy);
        string factor = (cost.LatencySeconds / pricing.EightBit.LatencySeconds).ToString("0.000", Tables.Culture);
        Console.WriteLine($"{found.Hardware}: {outcome.Strategy} measured {outcome.Evaluated} policies{(outcome.Completed ? "" : " before its time was up")}; "
            + $"{(cost.LatencySeconds * 1e3).ToString("0.####", Tables.Culture)} ms, {factor}x of 8 bit, {(cost.SizeBits / 8e3).ToString("0.#", Tables.Culture)} kB, "
            + $"{MeanBits(found).ToString("0.##", Tables.Culture)} bits a weight");
        if (outcome.Score is { } score)
        {
            string predicted = outcome.PredictedLoss is { } p ? $", predicted {p.ToString("0.0000", Tables.Culture)}" : "";
            string gap = outcome.OptimalityGap is { } g ? g == 0 ? "; the knapsack is proven optimal" : $"; the knapsack is within {(100 * g).ToString("0.##", Tables.Culture)} % of its optimum" : "";
            Console.WriteLine($"on the search set: {CompareCommand.Figure(score)}, loss {score.Loss.ToString("0.0000", Tables.Culture)}{predicted}{gap}");
        }
        var table = Tables.New("layer", "name", "weights", "activations").AlignRight(0, 0).AlignRight(2, 3);
        foreach (var layer in found.Layers)
        {
            var bits = outcome.Policy[layer.Index];
            table.AddText(layer.Index.ToString(Tables.Culture), layer.Name, layer.Shape.IsTensor ? "" : WidthText.Of(bits.Weights), WidthText.Of(bits.Activations));
        }
        table.Print();
        foreach (var other in all.Where(o => o != found))
        {
            double there = other.Pricing.Costs.PriceWhole(outcome.Policy).LatencySeconds / other.Pricing.EightBit.LatencySeconds;
            Console.WriteLine($"the same policy on {other.Hardware}: {there.ToString("0.000", Tables.Culture)}x of 8 bit there");
        }
        if (found.Scores is { } scores)
        {
            PrintScores(found, scores);
            WideTensorTable.Print(found.Layers, pricing, outcome.Policy, scores);
        }
        if (found.Front is { } front) PrintFront(found, front);
    }

    private static double MeanBits(Found found) =>
        found.Layers.Sum(l => (double)l.Shape.Weights * found.Outcome.Policy[l.Index].Weights.Bits) / found.Layers.Sum(l => (double)l.Shape.Weights);

    private static void PrintScores(Found found, SensitivityTable scores)
    {
        Console.WriteLine($"how much each choice hurts by itself, scored by '{scores.Method}': {Meaning(scores.Method)}");
        int[] widths = [.. Enumerable.Range(1, SensitivityTable.MaxBits).Where(b => found.Layers.Any(l => !double.IsNaN(scores.WeightsOf(l.Index)[b - 1]) || !double.IsNaN(scores.ActivationsOf(l.Index)[b - 1])))];
        var table = Tables.New(["layer", "name", "", .. widths.Select(w => $"{w} bit")]).AlignRight(3, widths.Length + 2);
        foreach (var layer in found.Layers)
        {
            table.AddText([layer.Index.ToString(Tables.Culture), layer.Name, "weights", .. widths.Select(w => Score(scores.WeightsOf(layer.Index)[w - 1]))]);
            string reads = layer.ActivationGroup == layer.Index ? "input" : $"input, scored at layer {layer.ActivationGroup}";
            table.AddText(["", "", reads, .. widths.Select(w => Score(scores.ActivationsOf(layer.Index)[w - 1]))]);
        }
        table.Print();

        static string Score(double value) => double.IsNaN(value) ? "" : value is > 0 and < 1e-4 ? value.ToString("0.0e-0", Tables.Culture) : value.ToString("0.00000", Tables.Culture);
    }

    private static string Meaning(string method) => method switch
    {
        "fisher" => "damage in nats by second order, everything else in float",
        "sqnr" => "what the output's noise rises by, as a share of the signal, everything else at its widest",
        "local" => "error at the layer's own output, as a share of it: mean and one deviation",
        _ => "what the loss rises by, everything else at its widest",
    };

    private static void PrintFront(Found found, IReadOnlyList<FrontPoint> front)
    {
        var table = Tables.New("policy", "latency ms", "of 8 bit", "size kB", "accuracy", "loss", "predicted").AlignRight(1, 6);
        foreach (var point in front)
        {
            table.AddText(point.Name, (point.Cost.LatencySeconds * 1e3).ToString("0.####", Tables.Culture), (point.Cost.LatencySeconds / found.Pricing.EightBit.LatencySeconds).ToString("0.000x", Tables.Culture),
                (point.Cost.SizeBits / 8e3).ToString("0.#", Tables.Culture), CompareCommand.Figure(point.Score), point.Score.Loss.ToString("0.0000", Tables.Culture), point.PredictedLoss.ToString("0.0000", Tables.Culture));
        }
        table.Print();
    }

    private static void WriteJson(List<Found> found) => JsonOutput.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var one in found)
        {
            writer.WriteStartObject();
            writer.WriteString("hardware", one.Hardware);
            writer.WriteString("strategy", one.Outcome.Strategy);
            writer.WriteNumber("measured", one.Outcome.Evaluated);
            writer.WriteBoolean("completed", one.Outcome.Completed);
            ScoreJson.WriteCost(writer, one.Pricing.Costs.PriceWhole(one.Outcome.Policy));
            writer.WriteNumber("effective_bits", MeanBits(one));
            writer.WriteNumber("wide_share", WideTensors.Share(one.Layers, one.Outcome.Policy));
            if (one.Outcome.Score is { } score) ScoreJson.Write(writer, "searched", score);
            if (one.Outcome.PredictedLoss is { } predicted) writer.WriteNumber("predicted_loss", predicted);
            if (one.Outcome.OptimalityGap is { } gap) writer.WriteNumber("optimality_gap", gap);
            if (one.Scores is { } scored) writer.WriteString("scored_by", scored.Method);
            writer.WriteStartArray("layers");
            foreach (var layer in one.Layers) WriteLayer(writer, one, layer);
            writer.WriteEndArray();
            if (one.Front is { } front) WriteFront(writer, front);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteLayer(Utf8JsonWriter writer, Found one, QuantizableLayer layer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", layer.Name);
        if (layer.Shape.IsTensor) writer.WriteBoolean("tensor", true);
        else writer.WriteNumber("weights", one.Outcome.Policy[layer.Index].Weights.Bits);
        writer.WriteNumber("activations", one.Outcome.Policy[layer.Index].Activations.Bits);
        if (one.Scores is { } scores)
        {
            WriteScores(writer, "weight_scores", scores.WeightsOf(layer.Index));
            WriteScores(writer, "activation_scores", scores.ActivationsOf(layer.Index));
        }
        writer.WriteEndObject();
    }

    private static void WriteScores(Utf8JsonWriter writer, string name, ReadOnlySpan<double> scores)
    {
        writer.WriteStartObject(name);
        for (int b = 0; b < scores.Length; b++)
            if (!double.IsNaN(scores[b])) writer.WriteNumber((b + 1).ToString(Tables.Culture), scores[b]);
        writer.WriteEndObject();
    }

    private static void WriteFront(Utf8JsonWriter writer, IReadOnlyList<FrontPoint> front)
    {
        writer.WriteStartArray("front");
        foreach (var point in front)
        {
            writer.WriteStartObject();
            writer.WriteString("name", point.Name);
            writer.WriteBoolean("uniform", point.IsUniform);
            ScoreJson.WriteCost(writer, point.Cost);
            writer.WriteNumber("predicted_loss", point.PredictedLoss);
            ScoreJson.Write(writer, "quantized", point.Score);
            writer.WriteString("bits", point.Policy.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
