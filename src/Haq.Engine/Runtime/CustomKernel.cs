namespace Haq.Engine.Runtime;

/// <summary>One of the engine's operators at work in one node. Runs of the same session may use it at once, so it keeps nothing between runs.</summary>
internal abstract class CustomKernel
{
    /// <summary>Bits of the registers to use; tests set others than the widest.</summary>
    public int VectorBits { get; init; } = Numerics.VectorLoop.Widest;

    /// <summary>Reads the inputs and writes the outputs.</summary>
    public abstract void Compute(in KernelContext context);
}
