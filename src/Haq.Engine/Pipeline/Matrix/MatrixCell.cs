using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>One manifest for one target.</summary>
/// <param name="Index">Its place in the matrix: by manifest, then by target.</param>
/// <param name="Manifest">The manifest, absolute.</param>
/// <param name="Target">The target's name; empty where the manifest, which names it, cannot be read.</param>
/// <param name="Options">What its build is asked for.</param>
public sealed record MatrixCell(int Index, string Manifest, string Target, PipelineOptions Options)
{
    /// <summary>What cells share that have work in common: the float model's file, absolute.</summary>
    public string Model { get; init; } = Manifest;

    /// <summary>It measures on this machine or on a device: no other cell runs beside it.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Why it cannot be built at all; null where nothing is known against it.</summary>
    public HaqException? Defect { get; init; }
}
