using System.Collections.Immutable;

namespace Haq.Engine.Dialects.Conformance;

/// <summary>What the documents say becomes of a node.</summary>
/// <param name="Name">The node's name; empty for the model as a whole.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Breaches">The rules that it breaks.</param>
/// <param name="IsAllowed">The user knows it and accepts it.</param>
public sealed record NodeVerdict(string Name, string Operator, ImmutableArray<Breach> Breaches, bool IsAllowed)
{
    /// <summary>The gravest effect.</summary>
    public RuleEffect Effect => Breaches.Min(b => b.Rule.Effect);

    /// <summary>The node does not run on the target, and nobody said that it may.</summary>
    public bool Fails => !IsAllowed && Effect != RuleEffect.Note;
}
