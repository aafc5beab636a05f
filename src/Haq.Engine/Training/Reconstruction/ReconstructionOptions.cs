using Haq.Engine.Autodiff;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>How blocks are reconstructed.</summary>
public sealed record ReconstructionOptions
{
    /// <summary>Weights of up to this many bits are rounded anew; wider ones have little to gain.</summary>
    public int MostBits { get; init; } = 5;

    /// <summary>Samples to look at, at most; fewer where a block's inputs and outputs would not fit <see cref="Memory"/>.</summary>
    public int Samples { get; init; } = 512;

    /// <summary>How many bytes of a block's inputs and outputs are kept, in a temporary file.</summary>
    public long Memory { get; init; } = 320L << 20;

    /// <summary>Steps per block.</summary>
    public int Steps { get; init; } = 600;

    /// <summary>Samples per step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>How far a weight can move in all, in units of its quantizer's scale.</summary>
    public double Reach { get; init; } = 0.8;

    /// <summary>Seed of the order of the samples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads inside one operator; the result is the same from run to run only for the same number.</summary>
    public int Threads { get; init; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Operators to train with.</summary>
    public KernelSet Kernels { get; init; } = KernelSet.Custom;
}
