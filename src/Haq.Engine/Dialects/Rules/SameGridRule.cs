using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Operators that move data: what they write has the grid of what they read.</summary>
internal sealed record SameGridRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "same-grid", "operators that only move data: what they write has the scale and zero point of what they read", RuleEffect.Fallback, IsUnique: true,
        [new("operators", DialectKeyType.Words, "the operators")],
        document => new SameGridRule(document));

    private SameGridRule(RuleDocument document) : base(document) => Operators = [.. document.Words("operators")];

    public ImmutableSortedSet<string> Operators { get; }

    public override string Describe() => $"one scale and zero point before and behind {string.Join(", ", Operators)}";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.Contains(node.Operator) || node.Inputs.FirstOrDefault(i => i.Kind == InputKind.Quantized) is not { Grid: { } read } input) yield break;
        foreach (var output in node.Outputs.Where(o => o.Grid is { } written && !written.Means(read)))
        {
            yield return Broken($"'{output.Tensor}' has another scale or zero point than '{input.Tensor}', and the node only moves data",
                $"Give '{output.Tensor}' the scale and zero point of '{input.Tensor}'.", output.Tensor);
        }
    }
}
