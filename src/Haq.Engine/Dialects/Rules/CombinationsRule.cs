using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Types of an operator's inputs that go together.</summary>
internal sealed record CombinationsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "combinations", "types of an operator's inputs that go together, where all are activations", RuleEffect.Fallback, IsUnique: false,
        [
            new("operator", DialectKeyType.Text, "the operator"),
            new("types", DialectKeyType.WordLists, "lists of types, one an input: [[uint8, uint8], [uint16, uint8]]", QuantizedTypes.Names),
        ],
        document => new CombinationsRule(document));

    private CombinationsRule(RuleDocument document) : base(document)
    {
        (Operator, Types) = (document.Text("operator"), document.TypeLists("types"));
        if (Types.IsEmpty || Types.Any(t => t.Length != Types[0].Length)) throw document.Impossible("types", "the lists must be as long as each other, one type an input.");
    }

    public string Operator { get; }

    public ImmutableArray<ImmutableArray<DataType>> Types { get; }

    public override string Describe() => $"{Operator} reads {string.Join(" or ", Types.Select(t => Text(t)))}";

    private static string Text(IEnumerable<DataType> types) => $"({string.Join(", ", types.Select(QuantizedTypes.NameOf))})";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (node.Operator != Operator || node.Inputs.Length < Types[0].Length) yield break;
        var read = node.Inputs.Take(Types[0].Length).ToArray();
        if (read.Any(i => i.Kind != InputKind.Quantized)) yield break;
        DataType[] types = [.. read.Select(i => i.Grid!.Type)];
        if (Types.Any(t => t.AsSpan().SequenceEqual(types))) yield break;
        yield return Broken($"its inputs are {Text(types)}; the target takes {string.Join(" or ", Types.Select(t => Text(t)))}",
            $"Quantize '{read[^1].Tensor}' to {QuantizedTypes.NameOf(Types[0][^1])}.", read[^1].Tensor);
    }
}
