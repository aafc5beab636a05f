using System.Collections.Immutable;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>What came of one block. Errors are mean squared differences from the float block's output over its mean square, on samples that were not trained on.</summary>
/// <param name="Layers">Names of its layers.</param>
/// <param name="Before">The error before.</param>
/// <param name="After">The error after; what was not better was not kept.</param>
public sealed record ReconstructedBlock(ImmutableArray<string> Layers, double Before, double After)
{
    /// <summary>The new numbers were better and are in the result.</summary>
    public bool Kept => After < Before;
}
