using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Search;

/// <summary>
/// Makes the space of choices: the bits asked for, as far as the hardware supports them. The first and the last layer are pinned at 8 bits unless a rule names them,
/// and layers of one activation group agree on the activation widths.
/// </summary>
public sealed class SearchSpaceBuilder
{
    private readonly IReadOnlyList<QuantizableLayer> _layers;
    private readonly Func<LayerBits, bool> _supported;
    private readonly int _last;
    private static readonly ImmutableArray<Bitwidth> s_between = [Bitwidth.Eight, Bitwidth.Sixteen, Bitwidth.Float];

    /// <summary>A builder for <paramref name="layers"/> on hardware that computes the pairs that <paramref name="supported"/> accepts.</summary>
    public SearchSpaceBuilder(IReadOnlyList<QuantizableLayer> layers, Func<LayerBits, bool> supported)
    {
        (_layers, _supported) = (layers, supported);
        _last = layers.Count(l => !l.Shape.IsTensor) - 1;
    }

    /// <summary>The weight widths of free layers.</summary>
    public ImmutableArray<Bitwidth> Weights { get; init; } = Widths(2, 8);

    /// <summary>The activation widths of free layers.</summary>
    public ImmutableArray<Bitwidth> Activations { get; init; } = Widths(2, 8);

    /// <summary>Exceptions by name.</summary>
    public ImmutableArray<LayerRule> Rules { get; init; } = [];

    /// <summary>The widths that tensors between layers may have.</summary>
    public Func<Bitwidth, bool> SupportsTensor { get; init; } = width => width == Bitwidth.Eight;

    /// <summary>What the hardware computes with, for messages.</summary>
    public string? Hardware { get; init; }

    /// <summary>Where the bits were asked for, for messages.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>All widths from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static ImmutableArray<Bitwidth> Widths(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(b => new Bitwidth(b))];

    /// <summary>Builds the space.</summary>
    /// <exception cref="HaqException">A rule names no layer, the hardware supports none of a layer's widths, or the members of a group have no width in common.</exception>
    public SearchSpace Build()
    {
        foreach (var rule in Rules.Where(r => !r.Skip))
        {
            if (!_layers.Any(l => rule.Matches(l.Name))) throw UnknownLayer(rule);
            if (rule.Weights is not null && _layers.Where(l => rule.Matches(l.Name)).All(l => l.Shape.IsTensor)) throw NoWeights(rule);
        }
        ImmutableArray<ImmutableArray<LayerBits>> choices = [.. _layers.Select(ChoicesOf)];
        ImmutableArray<int> groups = [.. _layers.Select(l => GroupOf(l, choices))];
        foreach (var group in _layers.GroupBy(l => groups[l.Index]))
        {
            var common = group.Select(l => choices[l.Index].Select(c => c.Activations)).Aggregate((a, b) => a.Intersect(b));
            if (!common.Any()) throw NoCommonWidth([.. group]);
        }
        return SearchSpace.Consistent(choices, groups);
    }

    // A tensor that layers read in less than 8 bits is kept twice: in what they read, and in what everything else does.
    private int GroupOf(QuantizableLayer layer, ImmutableArray<ImmutableArray<LayerBits>> choices)
    {
        if (!layer.Shape.IsTensor || layer.ActivationGroup == layer.Index) return layer.ActivationGroup;
        var own = Widths(layer);
        return _layers.All(l => l.Shape.IsTensor || l.ActivationGroup != layer.ActivationGroup || own.SetEquals(Widths(l))) ? layer.ActivationGroup : layer.Index;

        HashSet<Bitwidth> Widths(QuantizableLayer of) => [.. choices[of.Index].Select(c => c.Activations)];
    }

    private ImmutableArray<LayerBits> ChoicesOf(QuantizableLayer layer)
    {
        bool pinned = layer.Index == 0 || layer.Index == _last;
        var rules = Rules.Where(r => r.Matches(layer.Name)).ToArray();
        if (layer.Shape.IsTensor) return TensorChoices(layer.Name, rules);
        if (rules.LastOrDefault() is { Skip: true }) return [LayerBits.Float];
        var weights = rules.LastOrDefault(r => r.Weights is not null)?.Weights ?? (pinned ? Ends(Weights, b => new LayerBits(b, Bitwidth.Eight)) : Weights);
        var activations = rules.LastOrDefault(r => r.Activations is not null)?.Activations ?? (pinned ? Ends(Activations, b => new LayerBits(Bitwidth.Eight, b)) : Activations);
        var pairs = weights.SelectMany(w => activations.Select(a => new LayerBits(w, a))).Where(b => b.IsComputable);
        // Weights in float are a layer in float: nothing multiplies them with integers.
        if (weights.Any(w => w.IsFloat)) pairs = pairs.Append(LayerBits.Float).Distinct();
        ImmutableArray<LayerBits> choices = [.. pairs.Where(_supported)];
        if (choices.Length > 0) return choices;
        string has = Hardware is null ? "'haq hardware show' lists" : $"it has ({Hardware})";
        throw DiagnosticCatalog.NoChoice.Error(rules.LastOrDefault()?.Location ?? Location,
            $"the hardware supports none of the bits asked for layer '{layer.Name}' (weights {List(weights)}, activations {List(activations)}); "
            + $"name widths that {has}, or choose other hardware");
    }

    // Between layers nothing is narrower than 8 bits: no hardware adds or concatenates less.
    private ImmutableArray<LayerBits> TensorChoices(string name, LayerRule[] rules)
    {
        if (rules.LastOrDefault() is { Skip: true }) return [new LayerBits(Bitwidth.Eight, Bitwidth.Float)];
        var asked = rules.LastOrDefault(r => r.Activations is not null)?.Activations ?? Activations;
        ImmutableArray<LayerBits> choices = [.. asked.Where(a => a >= Bitwidth.Eight && SupportsTensor(a)).Select(a => new LayerBits(Bitwidth.Eight, a))];
        if (!choices.IsEmpty) return choices;
        // What was asked for layers in general may be narrower than what lies between them; what was asked for this tensor by name is meant.
        if (rules.LastOrDefault(r => r.Activations is not null) is { } rule && !_layers.Any(l => !l.Shape.IsTensor && rule.Matches(l.Name)))
        {
            throw DiagnosticCatalog.NoChoice.Error(rule.Location, $"the hardware has none of the widths asked for the tensor '{name}' ({List(asked)}) between layers; "
                + $"there it has {List([.. s_between.Where(SupportsTensor)])}{(Hardware is null ? "" : $" ({Hardware})")}. Name one of them, or choose other hardware");
        }

        return [LayerBits.Uniform(Bitwidth.Eight)];
    }

    // Never narrower than 8 bits at the ends; wider where that was asked for.
    private ImmutableArray<Bitwidth> Ends(ImmutableArray<Bitwidth> asked, Func<Bitwidth, LayerBits> pair)
    {
        ImmutableArray<Bitwidth> wider = [.. asked.Where(w => w > Bitwidth.Eight)];
        return wider.Length == asked.Length ? wider : [.. PinnedTo(pair).Concat(wider).Distinct()];
    }

    // 8 bits where the hardware has them with anything; else the widest below, or the narrowest above.
    private ImmutableArray<Bitwidth> PinnedTo(Func<Bitwidth, LayerBits> pair)
    {
        if (_supported(pair(Bitwidth.Eight))) return [Bitwidth.Eight];
        for (int bits = Bitwidth.Eight; bits >= Bitwidth.Min; bits--)
            if (_supported(pair(new Bitwidth(bits))) || _supported(LayerBits.Uniform(new Bitwidth(bits)))) return [new Bitwidth(bits)];
        for (int bits = Bitwidth.Eight + 1; bits <= Bitwidth.Max; bits++)
            if (_supported(pair(new Bitwidth(bits)))) return [new Bitwidth(bits)];
        return [Bitwidth.Eight];
    }

    private static HaqException NoWeights(LayerRule rule) => DiagnosticCatalog.NoChoice.Error(rule.Location,
        $"'{rule.Pattern}' names tensors between layers, which have no weights; give {{activations: …}} alone, or skip");

    private HaqException UnknownLayer(LayerRule rule)
    {
        string? near = Suggestion.For(rule.Pattern, _layers.Select(l => l.Name));
        string hint = near is null ? "'haq inspect' lists the layers" : $"did you mean '{near}'?";
        return DiagnosticCatalog.UnknownLayer.Error(rule.Location, $"no layer is called '{rule.Pattern}'; {hint}");
    }

    private HaqException NoCommonWidth(QuantizableLayer[] group) =>
        DiagnosticCatalog.NoChoice.Error(Rules.LastOrDefault(r => group.Any(l => r.Matches(l.Name)))?.Location ?? Location,
            $"the layers {string.Join(", ", group.Select(l => $"'{l.Name}'"))} read one tensor and must share its activation bits, "
            + "but what is allowed for them has no width in common; give them the same activations under 'layers:'");

    private static string List(ImmutableArray<Bitwidth> widths) => widths.Length == 0 ? "none" : string.Join(", ", widths.Select(WidthText.Of));
}
