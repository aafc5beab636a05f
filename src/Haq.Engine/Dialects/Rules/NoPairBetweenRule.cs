using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Nodes that fuse with what follows, unless a pair stands between them.</summary>
internal sealed record NoPairBetweenRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "no-pair-between", "nodes that fuse with what follows, unless a pair stands between them", RuleEffect.Note, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "the nodes before"),
            new("next", DialectKeyType.Words, "the nodes behind"),
        ],
        document => new NoPairBetweenRule(document));

    private NoPairBetweenRule(RuleDocument document) : base(document) => (Operators, Next) = ([.. document.Words("operators")], [.. document.Words("next")]);

    public ImmutableSortedSet<string> Operators { get; }

    public ImmutableSortedSet<string> Next { get; }

    public override string Describe() => $"no pair between {string.Join(", ", Operators)} and {string.Join(", ", Next)}";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.Contains(node.Operator) || node.Outputs is not [{ Grid: not null } output]) yield break;
        var readers = model.View.ConsumersOf(output.Tensor).Where(r => r.OpType == OpNames.QuantizeLinear)
            .SelectMany(q => model.View.ConsumersOf(q.OutputAt(0))).SelectMany(d => model.View.ConsumersOf(d.OutputAt(0))).ToList();
        if (readers is not [var next] || !Next.Contains(model.ReadingOf(next).Operator)) yield break;
        yield return Broken($"a pair stands between the node and '{model.View.NameOf(next)}' ({next.OpType}), which it would fuse with", $"Remove the pair on '{output.Tensor}'.", output.Tensor);
    }
}
