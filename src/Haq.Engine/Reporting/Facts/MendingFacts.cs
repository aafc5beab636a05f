using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Haq.Engine.Reporting.Facts;

/// <summary>What was left wider than the choice of bits would have it, because an output, or the accuracy asked for, was lost and no budget forced that.</summary>
public sealed record MendingFacts
{
    /// <summary>The output that was furthest from float.</summary>
    public required string Output { get; init; }

    /// <summary>Its mean cosine to the float model's before.</summary>
    public required double Before { get; init; }

    /// <summary>Percentage points of accuracy that would have been lost on the search's samples, where that and not the outputs was the reason; otherwise null.</summary>
    public double? Lost { get; init; }

    /// <summary>The worst output's afterwards.</summary>
    public required double After { get; init; }

    /// <summary>Layers and tensors, in execution order.</summary>
    public required ImmutableArray<WidenedFacts> Widened { get; init; }

    /// <summary>The entries that say the same under <c>layers:</c>.</summary>
    [JsonIgnore]
    public string Entries => string.Join(", ", Widened.Select(w => w.Entry));
}

/// <summary>A layer or a tensor that was left wider.</summary>
public sealed record WidenedFacts
{
    private const int Float = 32;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Bits of its weights, 32 for floating point; null for a tensor between layers, which has none.</summary>
    public int? Weights { get; init; }

    /// <summary>Bits of what it reads.</summary>
    public required int Activations { get; init; }

    /// <summary>The entry that says the same under <c>layers:</c>.</summary>
    [JsonIgnore]
    public string Entry => Activations == Float ? $"\"{Name}\": skip" : Weights is { } weights
        ? $"\"{Name}\": {{weights: {weights}, activations: {Activations}}}" : $"\"{Name}\": {{activations: {Activations}}}";

    /// <summary>For a reader: <c>float</c>, <c>16 bits</c>, <c>w8a16</c>.</summary>
    [JsonIgnore]
    public string Width => Activations == Float ? "float" : Weights is { } weights && weights != Activations ? $"w{weights}a{Activations}" : $"{Activations} bits";
}
