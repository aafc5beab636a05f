namespace Haq.Engine.Layers;

/// <summary>The bits of one layer: its weights', and those of the activations that it reads (its <em>input</em>).</summary>
public readonly record struct LayerBits(Bitwidth Weights, Bitwidth Activations)
{
    /// <summary>The same width for weights and activations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A width is not in 1..32.</exception>
    public LayerBits(int weights, int activations) : this(new Bitwidth(weights), new Bitwidth(activations)) { }

    /// <summary>The same width for weights and activations.</summary>
    public static LayerBits Uniform(Bitwidth width) => new(width, width);

    /// <summary>Weights and activations in 32-bit floating point.</summary>
    public static LayerBits Float => Uniform(Bitwidth.Float);

    /// <summary>Floating-point weights go with floating-point activations only: no kernel multiplies them with integers.</summary>
    public bool IsComputable => !Weights.IsFloat || Activations.IsFloat;

    /// <summary>Parses <c>w4a8</c>, or one width for both: a number or <c>float</c>.</summary>
    public static bool TryParse(string text, out LayerBits bits)
    {
        ArgumentNullException.ThrowIfNull(text);
        bits = default;
        if (TryWidth(text, out var both))
        {
            bits = Uniform(both);
            return true;
        }
        int a = text.IndexOf('a', StringComparison.Ordinal);
        if (!text.StartsWith('w') || a < 0 || !TryWidth(text[1..a], out var w) || !TryWidth(text[(a + 1)..], out var act)) return false;
        bits = new LayerBits(w, act);
        return bits.IsComputable;
    }

    private static bool TryWidth(string text, out Bitwidth width) => WidthText.TryParse(text, Bitwidth.Min, out width, out _);

    /// <summary>For example <c>w4a8</c>.</summary>
    public override string ToString() => $"w{Weights}a{Activations}";
}
