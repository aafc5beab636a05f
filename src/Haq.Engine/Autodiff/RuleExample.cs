using Onnx;

namespace Haq.Engine.Autodiff;

/// <summary>One way to use an operator, on which its gradient is checked against differences of a double-precision reference.</summary>
/// <param name="Inputs">What the node reads; null for an input left out.</param>
/// <param name="Attributes">The node's attributes.</param>
internal sealed record RuleExample(ExampleInput?[] Inputs, params AttributeProto[] Attributes)
{
    /// <summary>Number of outputs.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Random numbers in [-2, 2] that the gradient is asked for.</summary>
    public static ExampleInput Real(params int[] shape) => new(shape, -2, 2);

    /// <summary>Random numbers in [0.5, 2] that the gradient is asked for.</summary>
    public static ExampleInput Positive(params int[] shape) => new(shape, 0.5, 2);

    /// <summary>Numbers that are not trained (statistics, conditions).</summary>
    public static ExampleInput Fixed(double low, double high, params int[] shape) => new(shape, low, high) { Trained = false };

    /// <summary>Given single-precision numbers that are not trained (scales, bounds).</summary>
    public static ExampleInput Numbers(params float[] values) => new([values.Length], 0, 0) { Trained = false, Floats = values };

    /// <summary>A given single-precision scalar that is not trained.</summary>
    public static ExampleInput Number(float value) => new([], 0, 0) { Trained = false, Floats = [value] };

    /// <summary>A list of integers.</summary>
    public static ExampleInput Integers(params long[] values) => new([values.Length], 0, 0) { Trained = false, Whole = values };

    /// <summary>A tensor of integers.</summary>
    public static ExampleInput Indices(int[] shape, params long[] values) => new(shape, 0, 0) { Trained = false, Whole = values };

    /// <summary>Random truth values.</summary>
    public static ExampleInput Truth(params int[] shape) => new(shape, -1, 1) { Trained = false, Boolean = true };
}

/// <summary>One input of an example.</summary>
internal sealed record ExampleInput(int[] Shape, double Low, double High)
{
    /// <summary>The gradient with respect to it is checked.</summary>
    public bool Trained { get; init; } = true;

    /// <summary>True where a random number is positive.</summary>
    public bool Boolean { get; init; }

    /// <summary>Given values; constants of the graph.</summary>
    public float[]? Floats { get; init; }

    /// <summary>Given integer values; constants of the graph.</summary>
    public long[]? Whole { get; init; }
}
