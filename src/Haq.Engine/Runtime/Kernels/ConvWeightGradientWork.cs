using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// dW[m, c, k] = Σ over images and pixels of dy[m]·x[c] moved by k: dot products of long streams. Each part takes some images and lays them out as one stream per output
/// channel and one per input channel and phase, with the same pitch, so that a kernel position is an offset and no im2col is made. The streams stay in the second-level
/// cache, and tiles of them in the first. Parts depend on shapes alone; each makes its own sums, which <see cref="ConvWeightGradientSum"/> adds in order.
/// </summary>
internal unsafe struct ConvWeightGradientWork : IParallelBody, IVectorKernel
{
    private const long CacheNumbers = 1 << 18;
    private const int Tile = 1024;

    public WindowGeometry Geometry;
    public int Bits, Part, Batch, Channels, Outputs;
    public float* Gradient, Input, Result;

    /// <summary>Number of parts.</summary>
    public int Parts { get; private set; }

    /// <summary>Sums of all parts, [part, m, c·k].</summary>
    public float* Partial { get; private set; }

    /// <summary>Numbers of the result.</summary>
    public readonly long Count => (long)Outputs * Columns;

    private readonly int Columns => Channels * Geometry.Positions;

    private readonly int ImageStride => Geometry.Rows * Geometry.Pitch;

    /// <summary>Decides on the parts and takes the memory for their sums.</summary>
    public void Plan()
    {
        Parts = Math.Min(Batch, Count > 1 << 20 ? 2 : 4);
        Partial = Scratch.Shared(Parts * Count);
    }

    public void Run(int part)
    {
        var mine = this;
        mine.Part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        int first = Batch * Part / Parts, last = Batch * (Part + 1) / Parts, streams = Channels * Geometry.Phases + Outputs;
        int images = (int)Math.Clamp(CacheNumbers / ((long)streams * ImageStride), 1, last - first);
        int length = (images * ImageStride + 15) / 16 * 16, stream = length + (Geometry.Slack + 47) / 16 * 16;
        float* x = Scratch.Of((long)streams * stream + Columns * 2), dy = x + (long)Channels * Geometry.Phases * stream;
        float** columns = (float**)(x + (long)streams * stream);
        new Span<float>(x, checked(streams * stream)).Clear();
        for (int c = 0, at = 0; c < Channels; c++)
        {
            for (int k = 0; k < Geometry.Positions; k++, at++)
            {
                var (phase, offset) = Geometry.PositionOf(k);
                columns[at] = x + ((long)c * Geometry.Phases + phase) * stream + offset;
            }
        }
        float* sums = Partial + Part * Count;
        new Span<float>(sums, checked((int)Count)).Clear();
        for (int image = first; image < last; image += images)
        {
            int taken = Math.Min(images, last - image);
            Lay(x, dy, stream, image, taken);
            int used = (taken * ImageStride + 15) / 16 * 16;
            for (int from = 0; from < used; from += Tile)
                DotTiles.Add<T>(dy + from, stream, Outputs, columns, from, Columns, Math.Min(Tile, used - from), sums);
        }
    }

    private readonly void Lay(float* x, float* dy, int stream, int image, int taken)
    {
        int plane = Geometry.Height * Geometry.Width, outPlane = Geometry.OutHeight * Geometry.OutWidth;
        // The last group may be shorter: what the one before left must not count.
        if (taken * ImageStride < stream - Geometry.Slack)
            for (int m = 0; m < Outputs; m++) new Span<float>(dy + (long)m * stream + taken * ImageStride, stream - taken * ImageStride).Clear();
        for (int i = 0; i < taken; i++)
        {
            for (int c = 0; c < Channels; c++)
                Geometry.Scatter(Input + ((long)(image + i) * Channels + c) * plane, x + (long)c * Geometry.Phases * stream + (long)i * ImageStride, stream);
            for (int m = 0; m < Outputs; m++)
                Geometry.SpreadOutput(Gradient + ((long)(image + i) * Outputs + m) * outPlane, dy + (long)m * stream + (long)i * ImageStride);
        }
    }
}
