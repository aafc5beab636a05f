using System.Collections.Immutable;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>
/// A rewriting that changes no number but for float rounding, of what ONNX Runtime computes slower than it has to. One that ONNX Runtime does by itself,
/// or that gains nothing that can be measured, is not here: docs/processors.md has what was tried.
/// </summary>
/// <param name="Name">As manifests name it.</param>
/// <param name="Label">What it does, as an error quotes it.</param>
/// <param name="Apply">Rewrites a model in place and returns the names of the nodes that it took away or moved.</param>
public sealed record Simplification(string Name, string Label, Func<OnnxModel, IReadOnlyList<string>> Apply)
{
    /// <summary>Its result is to be folded into layers; without that it gains nothing.</summary>
    public bool NeedsFolding { get; init; }

    /// <summary>All there are, in the order that they are applied in.</summary>
    public static ImmutableArray<Simplification> All { get; } =
    [
        new("identities", IdleOperators.Label, IdleOperators.Apply),
        new("transposes", TransposeCancelling.Label, TransposeCancelling.Apply),
        new("gelu", GeluFolding.Label, GeluFolding.Apply),
        new("hard-sigmoid", HardSigmoidFolding.Label, HardSigmoidFolding.Apply),
        new("normalization", NormalizationLifting.Label, NormalizationLifting.Apply) { NeedsFolding = true },
    ];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(s => s.Name)];
}
