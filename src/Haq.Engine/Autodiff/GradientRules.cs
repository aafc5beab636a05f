using System.Collections.Frozen;
using Haq.Engine.Graphs;
using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>The table of rules: operator type to rule. A rule file lists its rules; the table collects the files.</summary>
internal static class GradientRules
{
    private static readonly FrozenDictionary<string, GradientRule> s_rules = new[]
    {
        ConvRules.All, GemmRules.All, BinaryRules.All, UnaryRules.All, ActivationRules.All, SoftmaxRules.All, NormRules.All, PoolRules.All,
        ReduceRules.All, ShapeRules.All, IndexRules.All, ResizeRules.All, FakeQuantizeRules.All,
    }.SelectMany(rules => rules).ToFrozenDictionary(rule => rule.Op, StringComparer.Ordinal);

    // Piecewise constant or not a number at all: the gradient is zero, which is no obstacle.
    private static readonly FrozenSet<string> s_flat = FrozenSet.ToFrozenSet(
    [
        "Shape", "Size", "ConstantOfShape", "Constant", "ArgMax", "ArgMin", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "Not", "And",
        "Or", "Xor", "Floor", "Ceil", "Round", "Sign", "NonZero", "IsNaN", "IsInf", "OneHot", "Range", "EyeLike",
    ], StringComparer.Ordinal);

    /// <summary>All rules, in order of their operators' names.</summary>
    public static IEnumerable<GradientRule> All => s_rules.Values.OrderBy(r => r.Op, StringComparer.Ordinal);

    /// <summary>The rule for a node, or null.</summary>
    public static GradientRule? For(NodeProto node) => IsDefault(node.Domain) || node.Domain == GraphBuilder.CustomDomain ? s_rules.GetValueOrDefault(node.OpType) : null;

    /// <summary>Whether the operator's derivative is zero wherever it exists.</summary>
    public static bool IsFlat(NodeProto node) => IsDefault(node.Domain) && s_flat.Contains(node.OpType);

    private static bool IsDefault(string domain) => domain.Length == 0 || domain == "ai.onnx";
}
