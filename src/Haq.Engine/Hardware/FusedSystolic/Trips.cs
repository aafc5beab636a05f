namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>How often each of the five loops over tiles runs.</summary>
internal readonly record struct Trips(long Batch, long Height, long Width, long Inputs, long Outputs)
{
    /// <summary>Number of tiles.</summary>
    public long All => checked(Batch * Height * Width * Inputs * Outputs);

    /// <summary>By the loop's number, in the order of the fields.</summary>
    public long this[int loop] => loop switch { 0 => Batch, 1 => Height, 2 => Width, 3 => Inputs, _ => Outputs };
}
