using System.Globalization;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>An operator whose output has a grid of its own, whatever was calibrated.</summary>
internal sealed record ConstantsRule : DialectRule
{
    private const double Tolerance = 1e-6;

    public static readonly DialectRuleKind Declaration = new(
        "constants", "the scale and zero point of what an operator makes, whatever was calibrated", RuleEffect.Fallback, IsUnique: false,
        [
            new("operator", DialectKeyType.Text, "the operator"),
            new("type", DialectKeyType.Word, "the element type that it holds for", QuantizedTypes.Names),
            new("scale", DialectKeyType.Number, "the scale, as in 1/65536"),
            new("zero-point", DialectKeyType.Integer, "the zero point"),
        ],
        document => new ConstantsRule(document));

    private ConstantsRule(RuleDocument document) : base(document)
    {
        (Operator, Type, Scale, ZeroPoint) = (document.Text("operator"), document.Type("type"), document.Number("scale"), document.Integer("zero-point"));
        if (Scale <= 0) throw document.Impossible("scale", "a scale is above 0.");
        var (min, max) = ElementTypes.IntegerRange(Type);
        if (ZeroPoint < min || ZeroPoint > max) throw document.Impossible("zero-point", string.Create(CultureInfo.InvariantCulture, $"{QuantizedTypes.NameOf(Type)} holds {min}..{max}."));
    }

    public string Operator { get; }

    public DataType Type { get; }

    public double Scale { get; }

    public long ZeroPoint { get; }

    public override string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"{Operator} in {QuantizedTypes.NameOf(Type)} writes scale {Scale:R}, zero point {ZeroPoint}");

    internal override void RequireConsistent(IReadOnlyList<DialectRule> all)
    {
        if (all.OfType<ActivationsRule>().FirstOrDefault() is { } activations && !activations.Types.Contains(Type))
            throw Impossible($"{QuantizedTypes.NameOf(Type)} is no type of activations here: the rule 'activations' takes {QuantizedTypes.Or(activations.Types)}.");
    }

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (node.Operator != Operator) yield break;
        foreach (var output in node.Outputs)
        {
            if (output.Grid is not { Scales: [var scale, ..], ZeroPoints: [var zero, ..] } grid || grid.Type != Type) continue;
            if (Math.Abs(scale - Scale) <= Tolerance * Scale && zero == ZeroPoint) continue;
            yield return Broken(
                string.Create(CultureInfo.InvariantCulture, $"output '{output.Tensor}' has scale {scale:R} and zero point {zero}; the target takes {Scale:R} and {ZeroPoint}"),
                string.Create(CultureInfo.InvariantCulture, $"Set the scale of '{output.Tensor}' to {Scale:R} and its zero point to {ZeroPoint}."), output.Tensor);
        }
    }
}
