using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Which tensors need a pair of QuantizeLinear and DequantizeLinear.</summary>
internal sealed record PairsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "pairs", "which tensors need a pair of QuantizeLinear and DequantizeLinear", RuleEffect.Fallback, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "operators that it holds for; absent: all", IsOptional: true),
            new("inputs", DialectKeyType.Flag, "activations that they read", IsOptional: true),
            new("outputs", DialectKeyType.Flag, "reals that they make", IsOptional: true),
            new("graph-outputs", DialectKeyType.Flag, "also where the graph hands them out", IsOptional: true),
            new("constants", DialectKeyType.Flag, "constants that they read beside activations", IsOptional: true),
            new("fused", DialectKeyType.Words, "activation functions that share the pair of the node before", IsOptional: true),
        ],
        document => new PairsRule(document));

    private PairsRule(RuleDocument document) : base(document)
    {
        Operators = [.. document.Words("operators")];
        (Inputs, Outputs, GraphOutputs, Constants) = (document.Flag("inputs"), document.Flag("outputs"), document.Flag("graph-outputs"), document.Flag("constants"));
        Fused = [.. document.Words("fused")];
        if (GraphOutputs && !Outputs) throw document.Impossible("graph-outputs", "the graph's outputs cannot need pairs where outputs need none: set 'outputs' too.");
        if (!Inputs && !Outputs && !Constants) throw document.Impossible("rule", "the rule asks for no pair: set one of 'inputs', 'outputs', 'constants'.");
    }

    /// <summary>The operators; empty for all.</summary>
    public ImmutableSortedSet<string> Operators { get; }

    public bool Inputs { get; }

    public bool Outputs { get; }

    public bool GraphOutputs { get; }

    public bool Constants { get; }

    public ImmutableSortedSet<string> Fused { get; }

    public override string Describe()
    {
        List<string> what = [];
        if (Inputs) what.Add("inputs");
        if (Outputs) what.Add(GraphOutputs ? "outputs (the graph's own too)" : "outputs");
        if (Constants) what.Add("constants");
        return $"pairs at {string.Join(", ", what)} of {(Operators.IsEmpty ? "every node" : string.Join(", ", Operators))}"
            + (Fused.IsEmpty ? "" : $"; {string.Join(", ", Fused)} share the pair of the node before");
    }

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.IsEmpty && !Operators.Contains(node.Operator)) yield break;
        foreach (var input in node.Inputs)
        {
            if (Inputs && input.Kind == InputKind.Real && !IsFused(model, node, input))
            {
                yield return Broken($"input '{input.Tensor}' has no pair before the node",
                    $"Add QuantizeLinear and DequantizeLinear to '{input.Tensor}', or leave the node to the host.", input.Tensor);
            }

            if (Constants && input.Kind == InputKind.RealConstant && NeedsPair(node, input))
                yield return Broken($"constant '{input.Tensor}' is stored as reals", $"Quantize '{input.Tensor}', behind a DequantizeLinear.", input.Tensor);
        }
        if (!Outputs) yield break;
        foreach (var output in node.Outputs.Where(o => o is { IsReal: true, Grid: null }))
        {
            if (output.IsGraphOutput && output.OtherReaders.IsEmpty && !GraphOutputs) continue;
            if (output.OtherReaders is [var reader] && !output.IsGraphOutput && Fused.Contains(model.ReadingOf(reader).Operator)) continue;
            if (output.OtherReaders.IsEmpty && !output.IsGraphOutput) continue;
            string who = output.OtherReaders is [var next, ..] ? $"'{model.View.NameOf(next)}' reads" : "the graph hands out";
            yield return Broken($"output '{output.Tensor}' has no pair: {who} its reals", $"Add QuantizeLinear and DequantizeLinear to '{output.Tensor}'.", output.Tensor);
        }
    }

    // A bias is told by its own rule; bounds of Clip, sizes of Resize are no data.
    private static bool NeedsPair(NodeReading node, InputReading input) =>
        !(input.Index == 2 && WeightsRule.Layers.Contains(node.Operator)) && !(input.Index > 0 && node.Operator is OpNames.Clip or OpNames.Resize or OpNames.Upsample or OpNames.Pad);

    private bool IsFused(QdqModel model, NodeReading node, InputReading input) =>
        Fused.Contains(node.Operator) && model.View.ProducerOf(input.Tensor) is { } maker && model.View.ConsumersOf(input.Tensor).Count == 1
        && !model.View.IsOutput(input.Tensor) && model.ReadingOf(maker).TouchesPairs;
}
