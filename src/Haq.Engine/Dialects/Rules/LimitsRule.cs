using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Bounds of an attribute, of a constant input, or of the rank of what an operator reads.</summary>
internal sealed record LimitsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "limits", "bounds of an attribute, of a constant input, or of the rank of what an operator reads", RuleEffect.Fallback, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "the operators"),
            new("attribute", DialectKeyType.Text, "the attribute; absent, with 'input' too: the rank of the first input", IsOptional: true),
            new("input", DialectKeyType.Integer, "which input, from 0: whole numbers in it where it is constant", IsOptional: true),
            new("min", DialectKeyType.Integer, "the least value", IsOptional: true),
            new("max", DialectKeyType.Integer, "the greatest value", IsOptional: true),
            new("words", DialectKeyType.Words, "the texts that it may be, in place of min and max", IsOptional: true),
        ],
        document => new LimitsRule(document));

    private LimitsRule(RuleDocument document) : base(document)
    {
        (Operators, Attribute, Input) = ([.. document.Words("operators")], document.OptionalText("attribute"), document.OptionalInteger("input"));
        if (Attribute is not null && Input is not null) throw document.Impossible("input", "the rule is about an attribute or an input: give one of them.");
        (Min, Max, Words) = (document.OptionalInteger("min"), document.OptionalInteger("max"), document.Words("words"));
        if (Min is null && Max is null && Words.IsEmpty) throw document.Impossible("rule", "the rule bounds nothing: give 'min', 'max' or 'words'.");
        if (!Words.IsEmpty && (Min is not null || Max is not null)) throw document.Impossible("words", "'words' is for texts, 'min' and 'max' for numbers: give one or the other.");
        if (!Words.IsEmpty && Attribute is null) throw document.Impossible("words", "a rank is a number: name the 'attribute' that the words are for.");
        if (Min > Max) throw document.Impossible("min", "'min' is above 'max': nothing keeps such a rule.");
    }

    public ImmutableSortedSet<string> Operators { get; }

    public string? Attribute { get; }

    public int? Input { get; }

    public int? Min { get; }

    public int? Max { get; }

    public ImmutableArray<string> Words { get; }

    private string Bounds => !Words.IsEmpty ? string.Join(" or ", Words)
        : string.Create(CultureInfo.InvariantCulture, $"{(Min is { } a && Max is { } b ? $"{a}..{b}" : Min is { } min ? $"at least {min}" : $"at most {Max}")}");

    public override string Describe() => $"{Attribute ?? (Input is { } place ? $"input {place}" : "the rank")} of {string.Join(", ", Operators)} is {Bounds}";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.Contains(node.Operator)) yield break;
        if (Input is { } which)
        {
            if (which >= node.Node.Input.Count || model.View.Longs(node.Node.Input[which]) is not { } values) yield break;
            foreach (long value in values.Where(v => !IsWithin(v)).Take(1))
            {
                yield return Broken(string.Create(CultureInfo.InvariantCulture, $"input {which}, '{node.Node.Input[which]}', has {value}; the target takes {Bounds}"),
                    "Write it with values that the target takes.", node.Node.Input[which]);
            }
            yield break;
        }
        if (Attribute is null)
        {
            if (node.Inputs is [{ Shape: { IsDefault: false, Length: var rank } }, ..] && !IsWithin(rank))
            {
                yield return Broken(string.Create(CultureInfo.InvariantCulture,
                    $"input '{node.Inputs[0].Tensor}' has rank {rank}; the target takes {Bounds}"),
                    "Give the node a tensor of such a rank, with Reshape before and behind it.", node.Inputs[0].Tensor);
            }

            yield break;
        }
        if (node.Node.Attribute(Attribute) is not { } attribute) yield break;
        if (!Words.IsEmpty)
        {
            string text = attribute.S.ToStringUtf8();
            if (!Words.Contains(text)) yield return Broken($"attribute '{Attribute}' is '{text}'; the target takes {Bounds}", $"Set '{Attribute}' to {Words[0]}.", attribute: Attribute);
            yield break;
        }
        foreach (long value in attribute.Ints.Count > 0 ? attribute.Ints : [attribute.I])
        {
            if (IsWithin(value)) continue;
            yield return Broken(string.Create(CultureInfo.InvariantCulture, $"attribute '{Attribute}' has {value}; the target takes {Bounds}"),
                $"Keep '{Attribute}' to {Bounds}, with several nodes where one does not do.", attribute: Attribute);
            yield break;
        }
    }

    private bool IsWithin(long value) => !(value < Min) && !(value > Max);
}
