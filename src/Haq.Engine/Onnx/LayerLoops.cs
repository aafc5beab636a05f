using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx.Shapes;

namespace Haq.Engine.Onnx;

/// <summary>The loop nest of a layer for one sample, from the shapes of its tensors.</summary>
internal static class LayerLoops
{
    /// <summary>Null where an extent is 0: there is nothing to compute.</summary>
    /// <exception cref="Diagnostics.HaqException">Groups, strides or extents contradict each other (HAQ0305).</exception>
    public static LayerShape? ShapeOf(GraphView view, ShapeTable shapes, LayerParts parts)
    {
        var input = shapes[parts.Input].Shape;
        var output = shapes[parts.Node.Output[0]].Shape;
        long[] weight = TensorData.Dims(view.ConstantOf(parts.Weight)!);
        if (input.Contains(0) || output.Contains(0) || weight.Contains(0)) return null;
        try
        {
            return parts.Node.OpType is OpNames.Conv or OpNames.ConvTranspose ? Convolution(shapes, parts, input, output, weight) : Product(shapes, parts, output, weight);
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException)
        {
            throw view.Invalid($"the shape of '{view.NameOf(parts.Node)}' ({parts.Node.OpType}) cannot be: {e.Message}");
        }
    }

    private static LayerShape Convolution(ShapeTable shapes, LayerParts parts, ImmutableArray<long> input, ImmutableArray<long> output, long[] weight)
    {
        int rank = weight.Length - 2;
        bool transposed = parts.Node.OpType == OpNames.ConvTranspose;
        int groups = checked((int)parts.Node.Int("group", 1));
        long[] strides = parts.Node.Ints("strides") ?? [.. Enumerable.Repeat(1L, rank)];
        // A layer that sees more maps than there are samples (time steps, crops) loops over them: one more dimension, with a window of 1.
        ImmutableArray<int> repeats = input[0] % shapes.Batch == 0 && input[0] > shapes.Batch ? [checked((int)(input[0] / shapes.Batch))] : [];
        ImmutableArray<int> one = repeats.Length == 0 ? [] : [1];
        return new LayerShape(
            transposed ? OpKind.ConvTranspose : OpKind.Conv, Int(input[1]), Int(output[1]), groups,
            [.. one, .. weight[2..].Select(Int)], [.. one, .. strides.Select(Int)],
            [.. repeats, .. input.Skip(2).Select(Int)], [.. repeats, .. output.Skip(2).Select(Int)]);
    }

    private static LayerShape Product(ShapeTable shapes, LayerParts parts, ImmutableArray<long> output, long[] weight)
    {
        if (Stacked(shapes, parts, output, weight) is { } stacked) return stacked;
        int axis = parts.OutputChannelAxis;
        long outputs = weight[axis], inputs = weight.Length == 2 ? weight[1 - axis] : weight[axis == weight.Length - 1 ? axis - 1 : axis + 1];
        long elements = 1;
        foreach (long extent in output) elements = checked(elements * extent);
        long rows = elements / outputs;
        if (rows % shapes.Batch == 0) rows /= shapes.Batch;
        return LayerShape.Dense(Int(inputs), Int(outputs), Int(rows));
    }

    /// <summary>
    /// A stack of weight matrices: each multiplies rows of its own, which is a convolution of as many groups with a window of 1, or all multiply the same rows, which is one
    /// matrix that is as many times wider. Null where there is a single matrix.
    /// </summary>
    private static LayerShape? Stacked(ShapeTable shapes, LayerParts parts, ImmutableArray<long> output, long[] weight)
    {
        long matrices = 1;
        foreach (long extent in weight.AsSpan(0, weight.Length - 2)) matrices = checked(matrices * extent);
        if (matrices == 1) return null;
        int axis = parts.OutputChannelAxis;
        long outputs = weight[axis], inputs = weight[axis == weight.Length - 1 ? axis - 1 : axis + 1];
        long elements = 1, read = 1;
        foreach (long extent in output) elements = checked(elements * extent);
        foreach (long extent in shapes[parts.Input].Shape) read = checked(read * extent);
        long rows = elements / (outputs * matrices);
        if (rows % shapes.Batch == 0) rows /= shapes.Batch;
        bool shared = read / inputs < elements / outputs;
        return shared
            ? LayerShape.Dense(Int(inputs), Int(outputs * matrices), Int(rows))
            : new LayerShape(OpKind.Conv, Int(inputs * matrices), Int(outputs * matrices), Int(matrices), [1], [1], [Int(rows)], [Int(rows)]);
    }

    private static int Int(long extent) => checked((int)extent);
}
