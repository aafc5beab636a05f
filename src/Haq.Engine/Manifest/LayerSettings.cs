using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Manifest;

/// <summary>What the manifest says about the layers that a pattern names.</summary>
/// <param name="Pattern">A layer's name, or a glob: * stands for any text, ? for one character.</param>
/// <param name="Skip">Leave them in float.</param>
/// <param name="Weights">The widths of their weights, or null when free.</param>
/// <param name="Activations">The widths of what they read, or null when free.</param>
/// <param name="At">Where the pattern is written.</param>
public sealed record LayerSettings(string Pattern, bool Skip, ImmutableArray<Bitwidth>? Weights, ImmutableArray<Bitwidth>? Activations, SourceLocation At)
{
    /// <summary>The pattern names that layer.</summary>
    public bool Matches(string layer) => Glob.Matches(Pattern, layer);
}
