using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What a policy takes in the model's file. ONNX stores integers of up to 4 bits in 4, of up to 8 in 8, of up to 16 in 16, so that a file is larger than what hardware with memory for any width holds.
/// </summary>
/// <param name="FixedBits">Everything but the weights of a network at 8 bits throughout: the graph, what other tensors it stores, scales.</param>
/// <param name="Weights">Number of weights per layer; 0 for tensors between layers.</param>
public sealed record FileSizes(long FixedBits, ImmutableArray<long> Weights)
{
    /// <summary>By container: how many more bits than at 8 a layer takes in the graph beside its weights; fewer where negative.</summary>
    public ImmutableDictionary<int, long> Beside { get; init; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>Bits of what keeps an activation to fewer than 8.</summary>
    public long Narrowing { get; init; }

    /// <summary>Bits of one layer's weights and of what its widths add to the graph.</summary>
    public long Bits(int layer, LayerBits bits)
    {
        long narrowing = bits.Activations < Bitwidth.Eight ? Narrowing : 0;
        return Weights[layer] == 0 ? narrowing : narrowing + Weights[layer] * Container(bits.Weights) + Beside.GetValueOrDefault(Container(bits.Weights));
    }

    /// <summary>The bits that a file spends on a value of a width.</summary>
    public static int Container(Bitwidth width) => width.Bits switch { <= 4 => 4, <= 8 => 8, <= 16 => 16, _ => 32 };
}
