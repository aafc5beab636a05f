using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>How activations are quantized.</summary>
internal sealed record ActivationsRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "activations", "how activations are quantized", RuleEffect.Fallback, IsUnique: true,
        [
            new("types", DialectKeyType.Words, "element types", QuantizedTypes.Names),
            new("zero-point", DialectKeyType.Word, "zero: none but 0; any: all that the type holds (default)", ["any", "zero"], IsOptional: true),
            new("scale", DialectKeyType.Word, "any (default), or powers of two only", ["any", "power-of-two"], IsOptional: true),
        ],
        document => new ActivationsRule(document));

    private ActivationsRule(RuleDocument document) : base(document)
    {
        (Types, IsSymmetric, PowerOfTwo) = (document.Types("types"), document.Word("zero-point", "any") == "zero", document.Word("scale", "any") == "power-of-two");
        if (IsSymmetric && !Types.Any(QuantizedTypes.IsSigned))
            throw document.Impossible("zero-point", $"activations of zero point 0 need a signed type, and 'types' has {QuantizedTypes.Or(Types)} alone. Add int8, or allow any zero point.");
    }

    /// <summary>The types, the preferred one first.</summary>
    public ImmutableArray<DataType> Types { get; }

    /// <summary>Zero points are 0.</summary>
    public bool IsSymmetric { get; }

    /// <summary>Scales are powers of two.</summary>
    public bool PowerOfTwo { get; }

    public override string Describe() =>
        $"activations are {QuantizedTypes.Or(Types)}, one scale a tensor{(PowerOfTwo ? " that is a power of two" : "")}{(IsSymmetric ? ", zero point 0" : "")}";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        foreach (var input in node.Inputs)
        {
            if (input is { Kind: InputKind.Quantized, Grid: { } grid })
                foreach (var breach in Check(grid, input.Tensor)) yield return breach;
        }

        foreach (var output in node.Outputs)
        {
            if (output.Grid is { } grid)
                foreach (var breach in Check(grid, output.Tensor)) yield return breach;
        }
    }

    /// <summary>How a grid breaks the rule.</summary>
    internal IEnumerable<Breach> Check(TensorGrid grid, string tensor)
    {
        if (!Types.Contains(grid.Type))
        {
            yield return Broken($"activation '{tensor}' is {QuantizedTypes.NameOf(grid.Type)}; the target takes {QuantizedTypes.Or(Types)}",
                $"Quantize '{tensor}' to {QuantizedTypes.NameOf(Types[0])}.", tensor);
        }

        if (!grid.IsPerTensor)
            yield return Broken($"activation '{tensor}' has a scale a channel; the target takes one a tensor", $"Quantize '{tensor}' with one scale.", tensor);
        if (grid.Scales.IsEmpty || grid.ZeroPoints.IsEmpty)
        {
            yield return Broken($"the scale or zero point of activation '{tensor}' is computed when the model runs; the target takes constants",
                $"Calibrate '{tensor}' and write its scale and zero point as constants.", tensor);
        }

        if (IsSymmetric && grid.ZeroPointOtherThan(0) is { } zero)
            yield return Broken(Invariant($"activation '{tensor}' has zero point {zero}; the target takes 0 only"), $"Quantize '{tensor}' symmetrically, as int8 of zero point 0.", tensor);
        if (PowerOfTwo && grid.ScaleNoPowerOfTwo() is { } scale)
            yield return Broken(Invariant($"activation '{tensor}' has scale {scale:R}, which is no power of two"), $"Round the scale of '{tensor}' to a power of two and quantize again.", tensor);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
