using System.Collections.Frozen;
using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Repairs;

/// <summary>
/// Looks for the fewest layers and tensors that have to be wider than 8 bits, each measured by itself, then together: tensors first, which cost least, then 16 bits, then floating point.
/// </summary>
internal sealed class Repair
{
    private const int MostTensors = 8, MostLayers = 16;

    // Multiply-accumulates that layers, or tensors, tried one by one may take on the few samples of a quick look: about 40 seconds on two cores. The best of those tried are taken.
    private const double Effort = 1.5e11;

    private const int FewestTrials = 16, MostTrials = 200, QuickSamples = 3;

    private readonly QuantizableModel _model;
    private readonly MendGoal _goal;
    private readonly FrozenSet<string> _pinned;
    private readonly Func<Policy, bool> _affordable;
    private readonly StageScope _scope;
    private readonly Bitwidth _wideTensor;
    private readonly LayerBits[] _wideLayers;
    private readonly SixteenBits _sixteen;

    public Repair(QuantizableModel model, HardwareTarget target, MendGoal goal, FrozenSet<string> pinned, Func<Policy, bool> affordable, StageScope scope)
    {
        (_model, _goal, _pinned, _affordable, _scope) = (model, goal, pinned, affordable, scope);
        _wideTensor = target.Bits.Activations.Contains(Bitwidth.Sixteen) ? Bitwidth.Sixteen : Bitwidth.Float;
        _sixteen = new SixteenBits(model, target, goal, pinned, scope);
        LayerBits[] widths = [new LayerBits(Bitwidth.Eight, Bitwidth.Sixteen), LayerBits.Uniform(Bitwidth.Sixteen)];
        _wideLayers = [.. widths.Where(target.Bits.Contains), LayerBits.Float];
    }

    /// <summary>The policy with what has to be wider, within the budget where one was found; null where nothing tried was enough.</summary>
    public Policy? Find(Policy policy, string output)
    {
        _scope.Report($"looking for what output '{output}' needs wider");
        int[] tensors = [.. _model.Items.Where(i => i.Shape.IsTensor && i.Index < policy.Count && policy[i.Index].Activations < _wideTensor && !_pinned.Contains(i.Name)).Select(i => i.Index)];
        if (_goal.IsMet(policy)) return policy;
        var wide = Wider(policy, tensors);
        Func<Policy?>[] ways =
        [
            () => tensors.Length > 0 && _goal.IsNearlyMet(wide) ? Tensors(policy, tensors) : null,
            () => _sixteen.Find(policy),
            () => Layers(policy),
            () => tensors.Length > 0 ? Layers(wide) : null,
        ];
        Policy? beyond = null;
        foreach (var way in ways)
        {
            if (way() is not { } found) continue;
            if (_affordable(found)) return found;
            beyond ??= found;
        }
        return beyond;
    }

    private Policy? Tensors(Policy policy, int[] tensors)
    {
        int[] ranked = Ranked(tensors, tensor => Wider(policy, [tensor]));
        return Least(ranked.Select(t => new[] { t }), MostTensors, chosen => Wider(policy, chosen));
    }

    private Policy? Layers(Policy policy)
    {
        // What reads one tensor reads it in one width.
        var readers = _model.Layers.Where(l => policy[l.Layer.Index].Activations.IsQuantized() || policy[l.Layer.Index].Weights.IsQuantized())
            .GroupBy(l => l.Input, StringComparer.Ordinal).Select(g => g.Select(l => l.Layer.Index).ToArray())
            .Where(g => !g.Any(l => _pinned.Contains(_model.Items[l].Name))).ToArray();
        int[] ranked = Ranked([.. Enumerable.Range(0, readers.Length)], group => At(policy, readers[group], LayerBits.Float));
        int[]? chosen = null;
        var inFloat = Least(ranked.Select(group => readers[group]), MostLayers, layers => At(policy, chosen = [.. layers], LayerBits.Float));
        if (inFloat is null) return null;
        foreach (var width in _wideLayers)
            if (At(policy, chosen!, width) is var candidate && (candidate.Equals(inFloat) || _goal.IsNearlyMet(candidate))) return candidate;
        return inFloat;
    }

    private int[] Ranked(int[] items, Func<int, Policy> alone)
    {
        var tried = new List<(int Item, double Cosine)>();
        int most = (int)Math.Clamp(Effort / SearchEffort.CostOf(_model.Survey.Macs, _model.Layers.Length, QuickSamples), FewestTrials, MostTrials);
        foreach (int item in items.Take(most))
        {
            tried.Add((item, _goal.Cosine(alone(item), quick: true)));
            _scope.Report($"tried {tried.Count} of {items.Length} wider", (double)tried.Count / items.Length);
        }
        return [.. tried.OrderByDescending(t => t.Cosine).Select(t => t.Item)];
    }

    // As many as it takes, in the order of what each gives back; nearly enough where more would be too many.
    private Policy? Least(IEnumerable<int[]> ranked, int most, Func<IEnumerable<int>, Policy> with)
    {
        var chosen = new List<int>();
        Policy? nearly = null;
        int enough = 0;
        foreach (int[] items in ranked)
        {
            if (chosen.Count > 0 && chosen.Count + items.Length > most) break;
            chosen.AddRange(items);
            var policy = with(chosen);
            if (_goal.IsMet(policy)) return policy;
            if (nearly is not null || !_goal.IsNearlyMet(policy)) continue;
            (nearly, enough) = (policy, chosen.Count);
        }
        return nearly is null ? null : with(chosen.Take(enough));
    }

    private Policy Wider(Policy policy, IEnumerable<int> tensors) =>
        tensors.Aggregate(policy, (p, tensor) => p.With(tensor, p[tensor] with { Activations = _wideTensor }));

    private static Policy At(Policy policy, IEnumerable<int> layers, LayerBits bits) => layers.Aggregate(policy, (p, layer) => p.With(layer, bits));

    /// <summary>What is wider in one policy than in another.</summary>
    public static ImmutableArray<WidenedFacts> Widened(QuantizableModel model, Policy before, Policy after) =>
    [
        .. model.Items.Where(i => i.Index < before.Count && after[i.Index] != before[i.Index])
            .Select(i => new WidenedFacts { Name = i.Name, Weights = i.Shape.IsTensor ? null : after[i.Index].Weights, Activations = after[i.Index].Activations }),
    ];
}
