using System.Collections.Immutable;

namespace Haq.Engine.Data;

/// <summary>How stored samples become the model's input: resize, crop, then per channel (x / scale - mean) / std.</summary>
public sealed record PreprocessOptions
{
    /// <summary>Nothing is changed.</summary>
    public static PreprocessOptions None { get; } = new();

    /// <summary>Divides every value first.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Subtracted after the scale: one value, or one per channel.</summary>
    public ImmutableArray<double> Mean { get; init; } = [0];

    /// <summary>Divides last: one value, or one per channel.</summary>
    public ImmutableArray<double> Std { get; init; } = [1];

    /// <summary>Images only: empty, the length of the shorter side, or exact height and width.</summary>
    public ImmutableArray<int> Resize { get; init; } = [];

    /// <summary>Images only: empty, the side of the central square, or its height and width.</summary>
    public ImmutableArray<int> Crop { get; init; } = [];

    /// <summary>Images only: how they are resized.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bilinear;

    /// <summary>The order that the model wants.</summary>
    public ColorOrder Color { get; init; } = ColorOrder.Rgb;

    /// <summary>The layout that the model wants; null finds it from the model's input shape.</summary>
    public TensorLayout? Layout { get; init; }
}
