using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Attributes that must be written out, although the standard has defaults for them.</summary>
internal sealed record AttributesRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "attributes", "attributes that must be written out, although the standard has defaults for them", RuleEffect.Refused, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "the operators"),
            new("written", DialectKeyType.Words, "the attributes"),
        ],
        document => new AttributesRule(document));

    private AttributesRule(RuleDocument document) : base(document) => (Operators, Written) = ([.. document.Words("operators")], document.Words("written"));

    public ImmutableSortedSet<string> Operators { get; }

    public ImmutableArray<string> Written { get; }

    public override string Describe() => $"{string.Join(", ", Operators)} have {string.Join(", ", Written)} written out";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.Contains(node.Operator)) yield break;
        foreach (string attribute in Written)
        {
            if (node.Node.Attribute(attribute) is null)
                yield return Broken($"attribute '{attribute}' is not written out", $"Write '{attribute}' with the value that it has by default.", attribute: attribute);
        }
    }
}
