using System.Collections.Immutable;
using Haq.Engine.Dialects.Rules;

namespace Haq.Engine.Dialects;

/// <summary>Every kind of rule; a new one is a class under <c>Rules</c> and its line here.</summary>
internal static class DialectRuleKinds
{
    public static ImmutableArray<DialectRuleKind> All { get; } =
    [
        ActivationsRule.Declaration,
        AttributesRule.Declaration,
        BiasesRule.Declaration,
        CombinationsRule.Declaration,
        ConstantsRule.Declaration,
        ConstantInputsRule.Declaration,
        LimitsRule.Declaration,
        NoPairBetweenRule.Declaration,
        OperatorsRule.Declaration,
        OpsetRule.Declaration,
        OutputsRule.Declaration,
        PairsRule.Declaration,
        SameGridRule.Declaration,
        ShapesRule.Declaration,
        WeightsRule.Declaration,
        WidthsRule.Declaration,
    ];
}
