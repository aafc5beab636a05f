using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Inputs that must be constants.</summary>
internal sealed record ConstantInputsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "constant-inputs", "an input that must be a constant", RuleEffect.Fallback, IsUnique: false,
        [
            new("operators", DialectKeyType.Words, "the operators"),
            new("input", DialectKeyType.Integer, "which input, from 0"),
        ],
        document => new ConstantInputsRule(document));

    private ConstantInputsRule(RuleDocument document) : base(document)
    {
        (Operators, Input) = ([.. document.Words("operators")], (int)document.Integer("input"));
        if (Input is < 0 or > 31) throw document.Impossible("input", "inputs are counted from 0.");
    }

    public ImmutableSortedSet<string> Operators { get; }

    public int Input { get; }

    public override string Describe() => $"input {Input} of {string.Join(", ", Operators)} is constant";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (!Operators.Contains(node.Operator) || Input >= node.Inputs.Length) yield break;
        var input = node.Inputs[Input];
        if (input.Kind is InputKind.Quantized or InputKind.Real || (input.Kind == InputKind.Other && !model.IsConstant(input.Tensor)))
            yield return Broken($"input {Input}, '{input.Tensor}', is computed; the target takes a constant", $"Make '{input.Tensor}' a constant, or leave the node to the host.", input.Tensor);
    }
}
