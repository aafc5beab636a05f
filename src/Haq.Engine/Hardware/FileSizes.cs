using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What a policy takes in the model's file. ONNX stores integers of up to 4 bits in 4, of up to 8 in 8, of up to 16 in 16, so that a file is larger than what hardware with memory for any width holds.
/// </summary>
/// <param name="FixedBits">Everything but the weights: the graph, what other tensors it stores, scales.</param>
/// <param name="Weights">Number of weights per layer.</param>
public sealed record FileSizes(long FixedBits, ImmutableArray<long> Weights)
{
    /// <summary>Bits of one layer's weights.</summary>
    public long Bits(int layer, Bitwidth width) => Weights[layer] * Container(width);

    /// <summary>The bits that a file spends on a value of a width.</summary>
    public static int Container(Bitwidth width) => width.Bits switch { <= 4 => 4, <= 8 => 8, <= 16 => 16, _ => 32 };
}
