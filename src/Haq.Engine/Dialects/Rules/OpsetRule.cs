using System.Globalization;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Versions of the standard operator set that the target reads.</summary>
internal sealed record OpsetRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "opset", "versions of the standard operator set that the target reads", RuleEffect.Refused, IsUnique: true,
        [
            new("min", DialectKeyType.Integer, "the oldest", IsOptional: true),
            new("max", DialectKeyType.Integer, "the newest", IsOptional: true),
        ],
        document => new OpsetRule(document));

    private OpsetRule(RuleDocument document) : base(document)
    {
        (Min, Max) = (document.OptionalInteger("min"), document.OptionalInteger("max"));
        if (Min is null && Max is null) throw document.Impossible("rule", "the rule bounds nothing: give 'min' or 'max'.");
        if (Min > Max) throw document.Impossible("min", "'min' is above 'max': no operator set keeps such a rule.");
    }

    public int? Min { get; }

    public int? Max { get; }

    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"operator set {Min}..{Max}");

    internal override IEnumerable<Breach> CheckModel(QdqModel model)
    {
        int opset = model.View.Model.OpsetOf();
        if (opset < Min)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture,
            $"the model is of operator set {opset}; the target reads {Min} and newer"), "Convert the model to a newer operator set.");
        }

        if (opset > Max)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture,
            $"the model is of operator set {opset}; the target reads up to {Max}"), "Export the model in an older operator set.");
        }
    }
}
