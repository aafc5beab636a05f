using System.Collections.Immutable;

namespace Haq.Engine.Dialects.Conformance;

/// <summary>A model held against a target.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Profile">The target.</param>
/// <param name="Nodes">Nodes that compute, and pairs at the ends of the network that break a rule.</param>
/// <param name="Verdicts">Those that break a rule, in the order of the graph; the model as a whole first.</param>
/// <param name="UnusedAllowances">Patterns of allowed nodes that no such node has.</param>
public sealed record ConformanceReport(
    string Model, DialectProfile Profile, int Nodes, ImmutableArray<NodeVerdict> Verdicts, ImmutableArray<string> UnusedAllowances)
{
    /// <summary>What every form of the report says about itself.</summary>
    public const string Caveat = "This is a reading of the vendor's documents, not the vendor's compiler.";

    /// <summary>No node falls back or is refused, other than the allowed ones.</summary>
    public bool Passes => !Verdicts.Any(v => v.Fails);

    /// <summary>Nodes of an effect.</summary>
    public int Count(RuleEffect effect) => Verdicts.Count(v => v.Effect == effect);
}
