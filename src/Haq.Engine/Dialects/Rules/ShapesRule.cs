using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Dialects.Rules;

/// <summary>Whether extents may be free.</summary>
internal sealed record ShapesRule : DialectRule
{
    public static readonly DialectRuleKind Declaration = new(
        "shapes", "extents that must be numbers", RuleEffect.Refused, IsUnique: true,
        [new("fixed", DialectKeyType.Word, "all: no free extent; all-but-batch: the first one may be free", ["all", "all-but-batch"])],
        document => new ShapesRule(document));

    private ShapesRule(RuleDocument document) : base(document) => BatchMayBeFree = document.Word("fixed", "all") == "all-but-batch";

    public bool BatchMayBeFree { get; }

    public override string Describe() => BatchMayBeFree ? "all extents but the batch are numbers" : "all extents are numbers";

    internal override IEnumerable<Breach> CheckModel(QdqModel model)
    {
        foreach (var input in model.View.Inputs)
        {
            var shape = model.ShapeOf(input.Name);
            bool free = shape.IsDefault || shape.Skip(BatchMayBeFree ? 1 : 0).Any(e => e < 0);
            if (free) yield return Broken($"input '{input.Name}' has a free extent", $"Fix the shape of '{input.Name}'; in ONNX Runtime also with free dimension overrides.", input.Name);
        }
    }
}
