using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Places;

/// <summary>A tensor with a width of its own on hardware that keeps nothing but integers between its operators.</summary>
/// <param name="Junction">The tensor and who reads it.</param>
/// <param name="Name">What policies and reports call it: the tensor's name, with an addition where a layer has that name.</param>
/// <param name="Elements">Numbers in it per sample.</param>
/// <param name="Layer">A layer that reads it quantized; -1 where none does.</param>
/// <param name="Passes">How often it is read or written by what is no layer: layers' own reads and writes are theirs.</param>
public sealed record TensorItem(Junction Junction, string Name, long Elements, int Layer, int Passes)
{
    /// <summary>The input of the softmax that it is added up to, where it may hold a mask; null elsewhere.</summary>
    public string? Softmax { get; init; }

    /// <summary>The tensors that must be brought to its width where they are joined to it.</summary>
    public ImmutableArray<string> Joined { get; init; } = [];
}
