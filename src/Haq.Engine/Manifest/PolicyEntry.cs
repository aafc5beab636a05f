using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Manifest;

/// <summary>One layer of a policy file.</summary>
/// <param name="Layer">Name.</param>
/// <param name="Bits">Its bits.</param>
/// <param name="Location">Where it was read, null when it was not.</param>
public sealed record PolicyEntry(string Layer, LayerBits Bits, SourceLocation? Location)
{
    /// <summary>It is a tensor between layers: it has no weights.</summary>
    public bool IsTensor { get; init; }
}
