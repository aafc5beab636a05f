using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>A layer as the loops that a schedule tiles and orders, at given widths.</summary>
/// <param name="Batch">Images, rows of a matrix product, and leading map dimensions beyond two.</param>
/// <param name="Height">Output rows.</param>
/// <param name="Width">Output columns.</param>
/// <param name="Inputs">Input channels that one output reads; 1 across columns.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Kernel">Kernel extents along height and width.</param>
/// <param name="Depth">Product of further kernel extents.</param>
/// <param name="Stride">Strides along height and width.</param>
/// <param name="IsIm2Col">The input arrives as windows: the first convolution.</param>
/// <param name="OutputsPerInput">Across columns: output channels that share an input channel; otherwise 0.</param>
/// <param name="Repeat">How many such nests the layer consists of.</param>
internal readonly record struct LoopNest(
    long Batch, int Height, int Width, int Inputs, int Outputs, (int Height, int Width) Kernel, long Depth, (int Height, int Width) Stride, bool IsIm2Col,
    int OutputsPerInput, int Repeat)
{
    /// <summary>Every column computes a channel of its own.</summary>
    public bool IsAcrossColumns => OutputsPerInput > 0;

    /// <summary>Elements of one input channel's kernel.</summary>
    public long KernelElements => Depth * Kernel.Height * Kernel.Width;

    /// <summary>The nest of a layer.</summary>
    public static LoopNest Of(in Workload work, DepthwiseMapping depthwise)
    {
        var shape = work.Shape;
        checked
        {
            if (shape.Op is OpKind.Gemm or OpKind.MatMul)
                return new LoopNest(shape.OutputPixels * work.Batch, 1, 1, shape.In, shape.Out, (1, 1), 1, (1, 1), false, 0, 1);

            bool isTransposed = shape.Op == OpKind.ConvTranspose;
            var map = isTransposed ? shape.InputSize : shape.OutputSize;
            int height = map.Length > 1 ? map[^2] : 1, width = map.Length > 0 ? map[^1] : 1;
            long batch = work.Batch;
            for (int i = 0; i < map.Length - 2; i++) batch *= map[i];

            int inputs = shape.In / shape.Groups, outputs = shape.Out / shape.Groups;
            bool across = shape.IsDepthwise && depthwise == DepthwiseMapping.AcrossColumns && !isTransposed;
            // A transposed convolution is a product of input pixels by (output channels x kernel), scattered afterwards.
            if (isTransposed)
                return new LoopNest(batch, height, width, inputs, (int)(outputs * shape.KernelElements), (1, 1), 1, (1, 1), work.IsFirst, 0, shape.Groups);

            var kernel = (Extent(shape.Kernel, 2), Extent(shape.Kernel, 1));
            var stride = (Extent(shape.Stride, 2), Extent(shape.Stride, 1));
            long depth = shape.KernelElements / ((long)kernel.Item1 * kernel.Item2);
            return across
                ? new LoopNest(batch, height, width, 1, shape.Out, kernel, depth, stride, false, outputs, 1)
                : new LoopNest(batch, height, width, inputs, outputs, kernel, depth, stride, work.IsFirst, 0, shape.Groups);
        }
    }

    private static int Extent(System.Collections.Immutable.ImmutableArray<int> extents, int fromEnd) => extents.Length >= fromEnd ? extents[^fromEnd] : 1;
}
