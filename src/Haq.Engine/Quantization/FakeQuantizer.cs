using System.Collections.Immutable;

namespace Haq.Engine.Quantization;

/// <summary>One fake quantizer of a training graph.</summary>
/// <param name="Layer">Index of the layer that it was put in for: the first that reads the tensor; -1 for a tensor between layers.</param>
/// <param name="Tensor">What is quantized.</param>
/// <param name="IsWeight">A weight, with a scale per output channel; otherwise an activation, with one scale.</param>
/// <param name="Scale">The input that holds the scale or scales.</param>
/// <param name="Settings">The input that holds <see cref="SettingCount"/> numbers: low, high, offset, gradient scale.</param>
/// <param name="Elements">Elements per scale: of one channel of a weight, or of one sample of an activation.</param>
public sealed record FakeQuantizer(int Layer, string Tensor, bool IsWeight, string Scale, string Settings, long Elements)
{
    /// <summary>Position of the tensor between layers that it quantizes; -1 where layers read it so.</summary>
    public int Junction { get; init; } = -1;

    /// <summary>Numbers in <see cref="Settings"/>.</summary>
    public const int SettingCount = 4;

    /// <summary>
    /// The settings for a layer's numbers: the integers relative to the zero point, and LSQ's gradient scale 1/√(n·q_max). One bit of weight is ±½ of a doubled scale.
    /// </summary>
    public ImmutableArray<float> SettingsFor(QuantizedLayer layer)
    {
        if (!IsWeight) return SettingsFor(layer.Activation!.Value);
        if (layer.Weights!.Bits.Bits == 1) return [-0.5f, 0.5f, 0.5f, GradientScale(1)];
        var range = IntegerRange.Symmetric(layer.Weights.Bits);
        return [range.Min, range.Max, 0, GradientScale(range.Max)];
    }

    /// <summary>The settings for what a network has there.</summary>
    public ImmutableArray<float> SettingsFor(QuantizedModel model) => Junction >= 0 ? SettingsFor(model.Junctions[Junction].Quantizer) : SettingsFor(model.Layers[Layer]);

    /// <summary>The scales for what a network has there.</summary>
    public ImmutableArray<float> ScalesFor(QuantizedModel model) => Junction >= 0 ? [model.Junctions[Junction].Quantizer.Scale] : ScalesFor(model.Layers[Layer]);

    /// <summary>The scales for a layer's numbers.</summary>
    public ImmutableArray<float> ScalesFor(QuantizedLayer layer)
    {
        if (!IsWeight) return [layer.Activation!.Value.Scale];
        var scales = layer.Weights!.IsPerTensor ? layer.Weights.Scales[..1] : layer.Weights.Scales;
        return layer.Weights.Bits.Bits == 1 ? [.. scales.Select(s => 2 * s)] : scales;
    }

    /// <summary>A weight's scales from the scales of <see cref="ScalesFor"/> after training.</summary>
    public static ImmutableArray<float> ScalesFrom(ReadOnlySpan<float> learned, QuantizedLayer layer)
    {
        float unit = layer.Weights!.Bits.Bits == 1 ? 0.5f : 1;
        var scales = ImmutableArray.CreateBuilder<float>(layer.Weights.Scales.Length);
        for (int c = 0; c < layer.Weights.Scales.Length; c++) scales.Add(learned[layer.Weights.IsPerTensor ? 0 : c] * unit);
        return scales.MoveToImmutable();
    }

    private ImmutableArray<float> SettingsFor(Quantizer activation) =>
        [activation.Range.Min - activation.ZeroPoint, activation.Range.Max - activation.ZeroPoint, 0, GradientScale(activation.Range.Levels - 1)];

    private float GradientScale(int greatest) => (float)(1 / Math.Sqrt((double)Elements * greatest));
}
