using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>The whole networks that are measured: one for each pair of widths, and some in which the pairs are mixed.</summary>
internal static class MixedPolicies
{
    /// <summary>The policies, each with what to call it: uniform ones first.</summary>
    public static IEnumerable<(string Name, Policy Policy)> For(ImmutableArray<FoundLayer> layers, ImmutableArray<LayerBits> widths, SeededRandom random)
    {
        foreach (var pair in widths) yield return (pair.ToString(), Policy.Uniform(layers.Length, pair));
        int[] groups = Groups(layers);
        int count = groups.Max() + 1;
        if (widths.Length < 2 || count < 2) yield break;
        string all = string.Join('-', widths);
        var seen = new HashSet<Policy>();
        (string Name, Func<int, int> Choice)[] mixes =
        [
            ("alternating", g => g),
            ("shifted", g => g + 1),
            ("rising", g => g * widths.Length / count),
            ("falling", g => widths.Length - 1 - g * widths.Length / count),
            ("random1", _ => random.Next(widths.Length)),
            ("random2", _ => random.Next(widths.Length)),
        ];
        foreach (var (name, choice) in mixes)
        {
            int[] chosen = [.. Enumerable.Range(0, count).Select(g => choice(g) % widths.Length)];
            if (chosen.Distinct().Count() == 1) continue;
            var policy = new Policy([.. groups.Select(g => widths[chosen[g]])]);
            if (seen.Add(policy)) yield return (string.Create(CultureInfo.InvariantCulture, $"{name}-{all}"), policy);
        }
    }

    // Layers that read one tensor, or share their weights, have one pair between them. Numbered in execution order.
    private static int[] Groups(ImmutableArray<FoundLayer> layers)
    {
        int[] root = [.. Enumerable.Range(0, layers.Length)];
        var byName = layers.ToDictionary(l => l.Name, l => l.Layer.Index, StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            Join(layer.Layer.Index, layer.Layer.ActivationGroup);
            foreach (string other in layer.SharesWeightWith.Where(byName.ContainsKey)) Join(layer.Layer.Index, byName[other]);
        }
        var numbers = new Dictionary<int, int>();
        return [.. layers.Select(l => RootOf(l.Layer.Index)).Select(r => numbers.TryGetValue(r, out int n) ? n : numbers[r] = numbers.Count)];

        int RootOf(int layer)
        {
            while (root[layer] != layer) layer = root[layer] = root[root[layer]];
            return layer;
        }

        void Join(int one, int other)
        {
            if (other < root.Length) root[Math.Max(RootOf(one), RootOf(other))] = Math.Min(RootOf(one), RootOf(other));
        }
    }
}
