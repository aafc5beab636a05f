using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Search;

/// <summary>What an entry under <c>layers:</c> says about the layers that its pattern names. A later rule overrides an earlier one, part by part.</summary>
/// <param name="Pattern">A layer's name, or a glob of <c>*</c> (any text) and <c>?</c> (one character).</param>
/// <param name="Weights">The weight widths allowed; null leaves them as they are.</param>
/// <param name="Activations">The activation widths allowed; null leaves them as they are.</param>
/// <param name="Location">Where the entry stands.</param>
public sealed record LayerRule(string Pattern, ImmutableArray<Bitwidth>? Weights, ImmutableArray<Bitwidth>? Activations, SourceLocation? Location = null)
{
    /// <summary>The layers stay in float, weights and activations.</summary>
    public bool Skip { get; init; }

    /// <summary>The pattern names that layer.</summary>
    public bool Matches(string layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Pattern, layer, ignoreCase: false);
    }
}
