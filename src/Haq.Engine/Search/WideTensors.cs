using System.Collections.Immutable;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>Which tensors of a policy are wider than their narrowest choice, what that gains and costs, and how much of all activations they are.</summary>
public static class WideTensors
{
    /// <summary>A tensor that layers or other operators read.</summary>
    /// <param name="Name">The tensor's name, or the first layer that reads it.</param>
    /// <param name="Elements">Numbers in it per sample.</param>
    /// <param name="Width">Its width.</param>
    /// <param name="Gain">What its narrowest choice is scored to lose against its widest; null where that was not scored.</param>
    /// <param name="Seconds">What its widest choice takes longer than its narrowest.</param>
    public sealed record Entry(string Name, long Elements, Bitwidth Width, double? Gain, double Seconds);

    /// <summary>The share of activation elements that are wider than 8 bits, 0..1.</summary>
    public static double Share(IReadOnlyList<QuantizableLayer> items, Policy policy)
    {
        var tensors = Tensors(items, policy);
        double all = tensors.Sum(t => (double)ElementsOf(items[t[0]]));
        return all == 0 ? 0 : tensors.Where(t => policy[t[0]].Activations > Bitwidth.Eight).Sum(t => (double)ElementsOf(items[t[0]])) / all;
    }

    /// <summary>Every tensor with a choice, those that gain most a second first.</summary>
    public static ImmutableArray<Entry> Rank(IReadOnlyList<QuantizableLayer> items, SearchSpace space, CostTable costs, Policy policy, SensitivityTable? scores)
    {
        ArgumentNullException.ThrowIfNull(space);
        var entries = new List<Entry>();
        foreach (var group in space.Groups)
        {
            var widths = space.ActivationsOf(group[0]);
            if (widths.Length < 2) continue;
            var (narrow, wide) = (widths[0], widths[^1]);
            double gain = 0;
            Policy least = policy, most = policy;
            foreach (int member in group)
            {
                least = least.With(member, At(space, member, policy[member].Weights, narrow));
                most = most.With(member, At(space, member, policy[member].Weights, wide));
                gain += scores is null ? 0 : scores.Of(member, least[member]) - scores.Of(member, most[member]);
            }
            double seconds = costs.Prices(least) && costs.Prices(most) ? costs.PriceWhole(most).LatencySeconds - costs.PriceWhole(least).LatencySeconds : 0;
            var shown = group.Select(m => items[m]).FirstOrDefault(i => i.Shape.IsTensor) ?? items[group[0]];
            entries.Add(new Entry(shown.Name, ElementsOf(shown), policy[group[0]].Activations, scores is null ? null : gain, seconds));
        }
        return [.. entries.OrderByDescending(e => e.Seconds > 0 ? e.Gain / e.Seconds : e.Gain).ThenBy(e => e.Name, StringComparer.Ordinal)];
    }

    // A pair that the space has: with the weights' own width where that is one, otherwise with the widest.
    private static LayerBits At(SearchSpace space, int item, Bitwidth weights, Bitwidth activations)
    {
        var legal = space.WeightsOf(item, activations).ToArray();
        return new LayerBits(legal.Length == 0 || legal.Contains(weights) ? weights : legal.Max(), activations);
    }

    // A tensor counts once, however many read it, unless it is kept in two widths.
    private static List<int[]> Tensors(IReadOnlyList<QuantizableLayer> items, Policy policy) =>
        [.. items.GroupBy(i => (i.ActivationGroup, policy[i.Index].Activations)).Select(g => g.Select(i => i.Index).ToArray())];

    private static long ElementsOf(QuantizableLayer item) => item.Shape.InputElements;
}
