using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Layers;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Which widths of weights and activations go together.</summary>
internal sealed record WidthsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "widths", "which widths of weights and activations go together, and whether a node may change the width", RuleEffect.Fallback, IsUnique: true,
        [
            new("pairs", DialectKeyType.Words, "widths of weights and activations of one layer, as in w8a16"),
            new("one-width", DialectKeyType.Flag, "the activations of a node all have one width; a DequantizeLinear and QuantizeLinear join regions of different widths", IsOptional: true),
            new("may-change", DialectKeyType.Words, "operators that may nevertheless read one width and write another", IsOptional: true),
        ],
        document => new WidthsRule(document));

    private WidthsRule(RuleDocument document) : base(document) =>
        (Pairs, OneWidth, MayChange) = (document.Pairs("pairs"), document.Flag("one-width"), [.. document.Words("may-change")]);

    public ImmutableArray<LayerBits> Pairs { get; }

    public bool OneWidth { get; }

    public ImmutableSortedSet<string> MayChange { get; }

    public override string Describe() =>
        $"layers are {string.Join(" or ", Pairs)}{(OneWidth ? "; a node reads and writes one width" : "")}{(MayChange.IsEmpty ? "" : $", except {string.Join(", ", MayChange)}")}";

    internal override void RequireConsistent(IReadOnlyList<DialectRule> all)
    {
        foreach (var pair in Pairs.Where(p => !p.Activations.IsFloat))
        {
            if (all.OfType<ActivationsRule>().FirstOrDefault() is { } activations && !activations.Types.Any(t => Onnx.ElementTypes.BitsOf(t) == pair.Activations.Bits))
                throw Impossible($"{pair} needs activations of {pair.Activations} bits, and the rule 'activations' takes {QuantizedTypes.Or(activations.Types)}. Remove the pair or add the type.");
            if (all.OfType<WeightsRule>().FirstOrDefault() is { } weights && !weights.Types.Any(t => Onnx.ElementTypes.BitsOf(t) == pair.Weights.Bits))
                throw Impossible($"{pair} needs weights of {pair.Weights} bits, and the rule 'weights' takes {QuantizedTypes.Or(weights.Types)}. Remove the pair or add the type.");
        }
    }

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        var activations = node.Inputs.Where(i => i.Kind == InputKind.Quantized).Select(i => (i.Tensor, Grid: i.Grid!)).ToList();
        // A file may declare a type that no pair has: the rules of types say so.
        if (node.Inputs.FirstOrDefault(i => WeightsRule.IsWeights(node, i)) is { Grid: { } weights } && activations is [var first, ..] && Math.Max(weights.Bits, first.Grid.Bits) <= Bitwidth.Max)
        {
            var pair = new LayerBits(weights.Bits, first.Grid.Bits);
            if (!Pairs.Contains(pair))
                yield return Broken($"the layer is {pair}; the target takes {string.Join(" or ", Pairs)}", $"Quantize it to {Pairs[0]}.", first.Tensor);
        }
        if (!OneWidth || MayChange.Contains(node.Operator)) yield break;
        activations.AddRange(node.Outputs.Where(o => o.Grid is not null).Select(o => (o.Tensor, o.Grid!)));
        foreach (var (tensor, grid) in activations.Skip(1).Where(a => a.Grid.Bits != activations[0].Grid.Bits).Take(1))
        {
            yield return Broken($"'{activations[0].Tensor}' has {activations[0].Grid.Bits} bits and '{tensor}' {grid.Bits}: a node has one width",
                $"Put a DequantizeLinear and a QuantizeLinear on '{tensor}' that change its width outside the node.", tensor);
        }
    }
}
