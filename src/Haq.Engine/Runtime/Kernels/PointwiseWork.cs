using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A convolution at single places, or its gradient with respect to its input, on planes whose pixels do not fill registers. It is the product that <see cref="DenseConvWork"/> makes
/// with sides exchanged: registers run across the written channels, and pixels are spread. Every sum is made in the same order there and here. A part is a block of written channels
/// in a group of images: a chunk of its weights stays in the first-level cache for all pixels of the group.
/// </summary>
internal unsafe struct PointwiseWork : IParallelBody, IVectorKernel
{
    // 24 KB of weights.
    private const int ChunkNumbers = 6144, LargestPlane = 256;

    public bool Backward;
    public int Bits, Part, Read, Written, Plane;
    public float* Weights, Bias, To;
    public PointwisePixels Pixels;

    /// <summary>Number of parts.</summary>
    public readonly int Parts => Pixels.Groups * Blocks;

    private readonly int Width => DenseTiles.Wide * Math.Max(1, Bits / 32);

    private readonly int Blocks => (Written + Width - 1) / Width;

    /// <summary>Whether planes are small and leave the last register of a plane half empty.</summary>
    public static bool Fits(in WindowGeometry geometry, int bits)
    {
        int plane = geometry.Height * geometry.Width;
        return geometry.IsPointwise && plane <= LargestPlane && plane % Math.Max(1, bits / 32) != 0;
    }

    public void Run(int part)
    {
        var mine = this;
        mine.Part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        int width = DenseTiles.Wide * T.Count, high = DenseTiles.High(T.Count * 32), most = ChunkNumbers / width;
        int group = Part / Blocks, first = Part % Blocks * width, lanes = Math.Min(width, Written - first);
        float* chunk = Scratch.Of((long)most * (width + 2) + (long)Pixels.Blocks * high * width), results = chunk + (nint)most * width;
        float** taps = (float**)(results + (long)Pixels.Blocks * high * width), rows = stackalloc float*[high];
        nint* places = stackalloc nint[DenseTiles.Wide];
        for (int v = 0; v < DenseTiles.Wide; v++) places[v] = v * T.Count;
        for (int tap = 0; tap < most; tap++) taps[tap] = chunk + (nint)tap * width;
        // What the last block lacks is multiplied too.
        if (lanes < width) new Span<float>(chunk, most * width).Clear();
        Start(results, first, lanes, width, Pixels.Blocks * high);
        for (int tap = 0, taken; tap < Read; tap += taken)
        {
            taken = Math.Min(most, Read - tap);
            Lay(chunk, first, lanes, tap, taken, width);
            for (int block = 0; block < Pixels.Blocks; block++)
            {
                for (int i = 0; i < high; i++) rows[i] = results + ((nint)block * high + i) * width;
                DenseTiles.Run<T>(taps, taken, Pixels.Of(group, block, tap), places, rows, places, null);
            }
        }
        var (image, images) = Pixels.ImagesOf(group);
        for (int i = 0; i < images; i++) ChannelBlocks.Scatter(results + (nint)i * Plane * width, Plane, lanes, width, To + ((long)(image + i) * Written + first) * Plane);
    }

    private readonly void Start(float* results, int first, int lanes, int width, int pixels)
    {
        new Span<float>(results, pixels * width).Clear();
        if (Bias == null) return;
        for (int pixel = 0; pixel < pixels; pixel++) new ReadOnlySpan<float>(Bias + first, lanes).CopyTo(new Span<float>(results + (nint)pixel * width, lanes));
    }

    // chunk[tap·width + lane]
    private readonly void Lay(float* chunk, int first, int lanes, int tap, int taken, int width)
    {
        if (!Backward)
        {
            ChannelBlocks.Gather(Weights + (long)first * Read + tap, Read, taken, lanes, width, chunk);
            return;
        }
        for (int i = 0; i < taken; i++)
            new ReadOnlySpan<float>(Weights + (long)(tap + i) * Written + first, lanes).CopyTo(new Span<float>(chunk + (nint)i * width, lanes));
    }
}
