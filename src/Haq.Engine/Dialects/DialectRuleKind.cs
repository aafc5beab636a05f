using System.Collections.Immutable;

namespace Haq.Engine.Dialects;

/// <summary>A kind of rule that profiles may use.</summary>
/// <param name="Name">As written after <c>rule:</c>.</param>
/// <param name="Summary">What it says of a file.</param>
/// <param name="Default">The effect when the profile names none.</param>
/// <param name="IsUnique">A profile has at most one.</param>
/// <param name="Keys">Its keys beside <c>rule</c>, <c>from</c>, <c>effect</c> and <c>why</c>.</param>
/// <param name="Create">Makes the rule of its document.</param>
internal sealed record DialectRuleKind(
    string Name, string Summary, RuleEffect Default, bool IsUnique, ImmutableArray<DialectKey> Keys, Func<RuleDocument, DialectRule> Create);
