using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>What a <see cref="CostTable"/> is made of.</summary>
internal sealed record CostCells
{
    /// <summary>Laid out <c>[row, weight width, activation width]</c>; not a number of seconds where the target has no cost.</summary>
    public required LayerCost[] Cells { get; init; }

    /// <summary>The row of each layer.</summary>
    public required int[] RowOf { get; init; }

    /// <summary>Number of weights per layer.</summary>
    public required ImmutableArray<long> Weights { get; init; }

    /// <summary>Bits of all parameters whose width is not chosen.</summary>
    public required long FixedBits { get; init; }

    /// <summary>Ascending.</summary>
    public required ImmutableArray<Bitwidth> WeightWidths { get; init; }

    /// <summary>Ascending.</summary>
    public required ImmutableArray<Bitwidth> ActivationWidths { get; init; }

    /// <summary>Images at a time.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>What each layer costs with every output in its consumers' width; null where costs do not depend on it.</summary>
    public Func<Policy, LayerCost[]>? Whole { get; init; }

    /// <summary>Weights share codebooks of 32-bit reals, which sizes count.</summary>
    public bool HasCodebooks { get; init; }

    /// <summary>The target has figures for floating point.</summary>
    public bool HasFloat { get; init; }

    /// <summary>Changes of width where tensors are joined.</summary>
    public WidthEdges? Converts { get; init; }

    /// <summary>Outputs that are written wider for what reads them.</summary>
    public WidthEdges? Outputs { get; init; }

    /// <summary>What policies take in the model's file; null where no limit asks for it.</summary>
    public FileSizes? File { get; init; }
}
