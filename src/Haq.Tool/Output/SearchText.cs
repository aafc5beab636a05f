using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Search;
using Haq.Tool.Commands;

namespace Haq.Tool.Output;

/// <summary>What a search found, at the prompt.</summary>
internal static class SearchText
{
    public static void Print(IReadOnlyList<FoundPolicy> found)
    {
        foreach (var one in found) Print(one, found);
    }

    private static void Print(FoundPolicy found, IReadOnlyList<FoundPolicy> all)
    {
        var (outcome, pricing) = (found.Outcome, found.Pricing);
        var cost = pricing.Costs.PriceWhole(outcome.Policy);
        string factor = (cost.LatencySeconds / pricing.EightBit.LatencySeconds).ToString("0.000", Tables.Culture);
        Console.WriteLine($"{found.Hardware}: {outcome.Strategy} measured {outcome.Evaluated} policies{(outcome.Completed ? "" : " before its time was up")}; "
            + $"{(cost.LatencySeconds * 1e3).ToString("0.####", Tables.Culture)} ms, {factor}x of 8 bit, {(cost.SizeBits / 8e3).ToString("0.#", Tables.Culture)} kB, "
            + $"{found.MeanBits.ToString("0.##", Tables.Culture)} bits a weight");
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
            WideTensorTable.Print(found);
        }
        if (found.Front is { } front) PrintFront(found, front);
    }

    private static void PrintScores(FoundPolicy found, SensitivityTable scores)
    {
        Console.WriteLine($"how much each choice hurts by itself, scored by '{scores.Method}': {Meaning(scores.Method)}");
        int[] widths = [.. Enumerable.Range(1, SensitivityTable.MaxBits).Where(b =>
            found.Layers.Any(l => !double.IsNaN(scores.WeightsOf(l.Index)[b - 1]) || !double.IsNaN(scores.ActivationsOf(l.Index)[b - 1])))];
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

    private static void PrintFront(FoundPolicy found, IReadOnlyList<FrontPoint> front)
    {
        var table = Tables.New("policy", "latency ms", "of 8 bit", "size kB", "accuracy", "loss", "predicted").AlignRight(1, 6);
        foreach (var point in front)
        {
            table.AddText(point.Name, (point.Cost.LatencySeconds * 1e3).ToString("0.####", Tables.Culture),
                (point.Cost.LatencySeconds / found.Pricing.EightBit.LatencySeconds).ToString("0.000x", Tables.Culture),
                (point.Cost.SizeBits / 8e3).ToString("0.#", Tables.Culture), CompareCommand.Figure(point.Score),
                    point.Score.Loss.ToString("0.0000", Tables.Culture), point.PredictedLoss.ToString("0.0000", Tables.Culture));
        }
        table.Print();
    }
}
