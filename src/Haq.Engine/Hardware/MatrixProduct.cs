using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>A layer as matrix products: <see cref="Count"/> times (M x K) by (K x N).</summary>
/// <param name="M">Rows of activations.</param>
/// <param name="N">Columns of weights.</param>
/// <param name="K">Length of each dot product.</param>
/// <param name="Count">How many such products there are, the batch included.</param>
internal readonly record struct MatrixProduct(long M, long N, long K, long Count)
{
    /// <summary>
    /// The products of a layer as HAQ mapped them: convolutions one image at a time, dense layers with the batch as rows, depthwise layers
    /// <paramref name="depthwiseGroup"/> channels at a time (the last group may be smaller: the second product, whose count may be 0).
    /// </summary>
    public static (MatrixProduct Full, MatrixProduct Last) Pair(LayerShape shape, int batch, int depthwiseGroup)
    {
        checked
        {
            if (shape.Op is OpKind.Gemm or OpKind.MatMul)
                return (new MatrixProduct(shape.OutputPixels * batch, shape.Out, shape.In, 1), default);

            bool transposed = shape.Op == OpKind.ConvTranspose;
            long pixels = transposed ? shape.InputPixels : shape.OutputPixels;
            long kernel = shape.KernelElements;
            long spread = transposed ? kernel : 1, gathered = transposed ? 1 : kernel;
            long outputsPerGroup = shape.Out / shape.Groups;
            if (!shape.IsDepthwise)
                return (new MatrixProduct(pixels, outputsPerGroup * spread, shape.In / shape.Groups * gathered, (long)shape.Groups * batch), default);

            long together = Math.Min(depthwiseGroup, shape.Groups), rest = shape.Groups % together;
            return (
                new MatrixProduct(pixels, together * outputsPerGroup * spread, together * gathered, shape.Groups / together * (long)batch),
                rest == 0 ? default : new MatrixProduct(pixels, rest * outputsPerGroup * spread, rest * gathered, batch));
        }
    }
}
