namespace Haq.Engine.Runtime;

/// <summary>One of the engine's operators, as ONNX Runtime is told about it.</summary>
/// <param name="Name">Operator type in the domain <c>haq</c>.</param>
/// <param name="Inputs">Number of inputs; the last may be left out if <paramref name="OptionalLast"/>.</param>
/// <param name="Outputs">Number of outputs, all single precision.</param>
/// <param name="Create">Makes the kernel of a node.</param>
internal sealed record CustomOperator(string Name, int Inputs, int Outputs, Func<KernelAttributes, CustomKernel> Create)
{
    /// <summary>The last input may be left out.</summary>
    public bool OptionalLast { get; init; }

    /// <summary>Takes any number of inputs.</summary>
    public bool Variadic { get; init; }

    /// <summary>The input that holds 64-bit integers; those of no other type are single precision. -1 for none.</summary>
    public int IntegerInput { get; init; } = -1;

    /// <summary>The input that holds 16-bit integers. -1 for none.</summary>
    public int ShortInput { get; init; } = -1;
}
