using System.Globalization;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Reporting;

/// <summary>Says why a layer has its bits: what holds it up, and what the next step down would have saved and hurt.</summary>
internal sealed class LayerExplanation(IReadOnlyList<QuantizableLayer> layers, CostTable costs, Policy policy, LayerChoices? choices, SensitivityTable? scores)
{
    // Below this share of the network's latency a saving is not worth a sentence.
    private const double Nothing = 1e-4;

    private readonly double _total = costs.Price(policy).LatencySeconds;

    private sealed record Step(string What, double Saved, double? Hurt);

    /// <summary>For example <c>Compute holds it up; 4.1 % of the latency. 4-bit weights would save 0.6 % of it for 0.031 nats.</c></summary>
    public string Of(int layer)
    {
        var cost = costs.CostIn(policy, layer);
        string bound = cost.Bound == Bound.Unknown ? "" : $"Bound by {cost.Bound.Label()}; ";
        string share = $"{Percent(cost.Seconds / _total)} of the latency.";
        string opening = bound.Length == 0 ? char.ToUpperInvariant(share[0]) + share[1..] : bound + share;
        if (choices is null || choices(layer).Length <= 1) return opening;
        return $"{opening} {NextDown(layer)}";
    }

    private string NextDown(int layer)
    {
        var steps = Steps(layer);
        if (steps.Count == 0) return "No narrower widths are allowed.";
        // The step that a solver would have taken next: least damage for what it saves, or the largest saving where damage is not known.
        var worthwhile = steps.Where(s => s.Saved > Nothing).ToList();
        if (worthwhile.Count == 0) return "Fewer bits would save no time.";
        var next = worthwhile.MinBy(s => s.Hurt is { } hurt ? hurt / s.Saved : -s.Saved)!;
        string price = next.Hurt switch
        {
            null => "",
            <= 0 => ", with no more damage by the sensitivities",
            { } hurt when ScoreUnit.IsDamage(scores!.Method) => $" and add {Figure.Short(hurt)} nats of damage",
            { } hurt => $" and add {Figure.Short(hurt)} {ScoreUnit.Of(scores!.Method)}",
        };
        return $"{next.What} would save {Percent(next.Saved)}{price}.";
    }

    private List<Step> Steps(int layer)
    {
        var bits = policy[layer];
        var steps = new List<Step>();
        if (Narrower(layer, bits, weights: true) is { } w) steps.Add(Towards(layer, w, $"{w.Weights}-bit weights"));
        if (Narrower(layer, bits, weights: false) is { } a) steps.Add(Towards(layer, a, $"{a.Activations}-bit activations"));
        return steps;
    }

    private Step Towards(int layer, LayerBits narrower, string what)
    {
        // What reads one tensor reads it in one width.
        var readers = narrower.Activations == policy[layer].Activations ? [layer] : layers.Where(l => l.ActivationGroup == layers[layer].ActivationGroup).Select(l => l.Index);
        var other = readers.Aggregate(policy, (p, reader) => p.With(reader, p[reader] with { Activations = narrower.Activations })).With(layer, narrower);
        double saved = costs.Prices(other) ? (_total - costs.Price(other).LatencySeconds) / _total : 0;
        double? hurt = scores is null ? null : ScoreReading.Of(scores, layer, narrower) - ScoreReading.Of(scores, layer, policy[layer]);
        return new Step(what, saved, hurt);
    }

    private LayerBits? Narrower(int layer, LayerBits bits, bool weights)
    {
        LayerBits? best = null;
        foreach (var choice in choices!(layer))
        {
            bool lower = weights ? choice.Weights < bits.Weights && choice.Activations == bits.Activations : choice.Activations < bits.Activations && choice.Weights == bits.Weights;
            if (lower && (best is not { } b || (weights ? choice.Weights > b.Weights : choice.Activations > b.Activations))) best = choice;
        }
        return best;
    }

    private static string Percent(double share) => share < 0.001 ? "under 0.1 %" : (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
