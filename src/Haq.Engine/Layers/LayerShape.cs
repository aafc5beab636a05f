using System.Collections.Immutable;

namespace Haq.Engine.Layers;

/// <summary>
/// The loop nest of one layer for one image: what a cost model needs to know, and nothing of the graph.
/// </summary>
/// <remarks>
/// For <see cref="OpKind.Gemm"/> and <see cref="OpKind.MatMul"/>: <see cref="Kernel"/> and <see cref="Stride"/> are empty, <see cref="Groups"/> is 1,
/// <see cref="InputSize"/> and <see cref="OutputSize"/> hold the rows per image (1 for Gemm).
/// </remarks>
public sealed class LayerShape : IEquatable<LayerShape>
{
    /// <summary>Creates a shape; every extent is positive, and <paramref name="groups"/> divides both channel counts.</summary>
    /// <exception cref="ArgumentException">A value breaks that rule, or the number of multiply-accumulates overflows 64 bits.</exception>
    public LayerShape(
        OpKind op, int inputChannels, int outputChannels, int groups,
        ImmutableArray<int> kernel, ImmutableArray<int> stride, ImmutableArray<int> inputSize, ImmutableArray<int> outputSize)
    {
        Positive(inputChannels, nameof(inputChannels));
        Positive(outputChannels, nameof(outputChannels));
        Positive(groups, nameof(groups));
        foreach (int extent in kernel) Positive(extent, nameof(kernel));
        foreach (int extent in stride) Positive(extent, nameof(stride));
        foreach (int extent in inputSize) Positive(extent, nameof(inputSize));
        foreach (int extent in outputSize) Positive(extent, nameof(outputSize));
        if (inputChannels % groups != 0 || outputChannels % groups != 0)
            throw new ArgumentException($"{groups} groups do not divide {inputChannels} input and {outputChannels} output channels", nameof(groups));
        (Op, In, Out, Groups, Kernel, Stride, InputSize, OutputSize) = (op, inputChannels, outputChannels, groups, kernel, stride, inputSize, outputSize);
        try
        {
            if (op == OpKind.Tensor) return;
            Macs = checked(Product(op == OpKind.ConvTranspose ? inputSize : outputSize) * Product(kernel) * (inputChannels / groups) * outputChannels);
            Weights = checked(Product(kernel) * (inputChannels / groups) * outputChannels);
        }
        catch (OverflowException e)
        {
            throw new ArgumentException("the layer's multiply-accumulates overflow 64 bits", e);
        }
    }

    /// <summary>A 2-D convolution with a square kernel and square maps.</summary>
    public static LayerShape Conv2D(int inputChannels, int outputChannels, int kernel, int stride, int inputSize, int outputSize, int groups = 1) =>
        new(OpKind.Conv, inputChannels, outputChannels, groups, [kernel, kernel], [stride, stride], [inputSize, inputSize], [outputSize, outputSize]);

    /// <summary>A fully connected layer, or with <paramref name="rows"/> above 1 a matrix product of that many rows per image.</summary>
    public static LayerShape Dense(int inputs, int outputs, int rows = 1) =>
        new(rows == 1 ? OpKind.Gemm : OpKind.MatMul, inputs, outputs, 1, [], [], [rows], [rows]);

    /// <summary>A tensor of so many numbers between layers: nothing is multiplied, and nothing stored in the model.</summary>
    public static LayerShape Tensor(long elements) =>
        new(OpKind.Tensor, (int)Math.Min(elements, int.MaxValue), (int)Math.Min(elements, int.MaxValue), 1, [], [], [1], [1]);

    /// <summary>It is a tensor between layers.</summary>
    public bool IsTensor => Op == OpKind.Tensor;

    /// <summary>The kind of loop nest.</summary>
    public OpKind Op { get; }

    /// <summary>Input channels (or features), all groups together.</summary>
    public int In { get; }

    /// <summary>Output channels (or features), all groups together.</summary>
    public int Out { get; }

    /// <summary>Convolution groups; <c>In</c> of them is depthwise.</summary>
    public int Groups { get; }

    /// <summary>Kernel extents, one per spatial dimension.</summary>
    public ImmutableArray<int> Kernel { get; }

    /// <summary>Strides, one per spatial dimension.</summary>
    public ImmutableArray<int> Stride { get; }

    /// <summary>Input map extents, one per spatial dimension.</summary>
    public ImmutableArray<int> InputSize { get; }

    /// <summary>Output map extents, one per spatial dimension.</summary>
    public ImmutableArray<int> OutputSize { get; }

    /// <summary>Multiply-accumulates per image.</summary>
    public long Macs { get; }

    /// <summary>Number of weights (without bias).</summary>
    public long Weights { get; }

    /// <summary>Input elements per image.</summary>
    public long InputElements => Product(InputSize) * In;

    /// <summary>Output elements per image.</summary>
    public long OutputElements => Product(OutputSize) * Out;

    /// <summary>Output positions per image: the product of <see cref="OutputSize"/>.</summary>
    public long OutputPixels => Product(OutputSize);

    /// <summary>Input positions per image: the product of <see cref="InputSize"/>.</summary>
    public long InputPixels => Product(InputSize);

    /// <summary>The product of the kernel extents; 1 for dense layers.</summary>
    public long KernelElements => Product(Kernel);

    /// <summary>Each group reads a single channel of several.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == In;

    private static long Product(ImmutableArray<int> extents)
    {
        long product = 1;
        foreach (int extent in extents) product = checked(product * extent);
        return product;
    }

    private static void Positive(int value, string name)
    {
        if (value <= 0) throw new ArgumentException($"must be positive, is {value}", name);
    }

    /// <inheritdoc/>
    public bool Equals(LayerShape? other) =>
        other is not null && Op == other.Op && In == other.In && Out == other.Out && Groups == other.Groups
        && Kernel.AsSpan().SequenceEqual(other.Kernel.AsSpan()) && Stride.AsSpan().SequenceEqual(other.Stride.AsSpan())
        && InputSize.AsSpan().SequenceEqual(other.InputSize.AsSpan()) && OutputSize.AsSpan().SequenceEqual(other.OutputSize.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LayerShape);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Op, In, Out, Groups, KernelElements, OutputPixels, InputPixels);

    /// <summary>For example <c>Conv 3x3/2 32->64 56x56</c>.</summary>
    public override string ToString()
    {
        if (IsTensor) return $"{Op} {In}";
        string kernel = Kernel.Length == 0 ? "" : $" {string.Join('x', Kernel)}/{string.Join('x', Stride)}";
        string groups = Groups == 1 ? "" : IsDepthwise ? " depthwise" : $" {Groups} groups";
        return $"{Op}{kernel} {In}->{Out} {string.Join('x', OutputSize)}{groups}";
    }
}
