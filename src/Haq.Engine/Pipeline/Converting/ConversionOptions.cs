using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Dialects;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>How a quantized model is to be rewritten for another target.</summary>
/// <param name="Profile">The target.</param>
public sealed record ConversionOptions(DialectProfile Profile)
{
    /// <summary>Shapes of inputs that the model leaves open.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; init; } = ImmutableDictionary<string, long[]>.Empty;

    /// <summary>Samples to choose new grids by and to measure the difference on; null for seeded random inputs.</summary>
    public DatasetOptions? Data { get; init; }

    /// <summary>What is said about the inputs that the samples feed.</summary>
    public ImmutableArray<InputOptions> Inputs { get; init; } = [];

    /// <summary>How many samples are used at most.</summary>
    public int Samples { get; init; } = 64;

    /// <summary>Decides about random inputs and about which samples are used.</summary>
    public ulong Seed { get; init; } = 1;
}
