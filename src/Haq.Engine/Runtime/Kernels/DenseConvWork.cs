using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A dense two-dimensional convolution, or its gradient with respect to its input. A part takes some images and some written channels. It lays the read channels out as
/// streams of one pitch (see <see cref="WindowGeometry"/>), so that a place of the window is an offset and no im2col is made, and walks over the pixels with
/// <see cref="DenseTiles"/>. Where whole registers fit between the gaps, results go straight to their place; otherwise through a stream and from there to the rows.
/// </summary>
internal unsafe struct DenseConvWork : IParallelBody, IVectorKernel
{
    private const long CacheNumbers = 1 << 17;

    public bool Backward;
    public int Bits, Part, Batch, Read;
    public WindowGeometry Geometry;
    public DenseWeights Weights;
    public float* From, To;
    private int _imageParts, _channelParts;

    /// <summary>Number of parts.</summary>
    public readonly int Parts => _imageParts * _channelParts;

    private readonly int ImageStride => Geometry.Rows * Geometry.Pitch;

    private readonly int Phases => Backward ? Geometry.Phases : 1;

    private readonly int FromPlane => Backward ? Geometry.OutHeight * Geometry.OutWidth : Geometry.Height * Geometry.Width;

    private readonly int ToPlane => Backward ? Geometry.Height * Geometry.Width : Geometry.OutHeight * Geometry.OutWidth;

    /// <summary>Decides on the parts, from the shapes alone: images, and where those have few pixels channels too.</summary>
    public void Plan()
    {
        _imageParts = (int)Math.Clamp((long)Batch * ImageStride / 512, 1, Math.Min(Batch, 16));
        _channelParts = Math.Clamp(4 / _imageParts, 1, Weights.Blocks);
    }

    public void Run(int part)
    {
        var mine = this;
        mine.Part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        int imagePart = Part / _channelParts, channelPart = Part % _channelParts;
        int first = (int)((long)Batch * imagePart / _imageParts), last = (int)((long)Batch * (imagePart + 1) / _imageParts);
        int run = Geometry.IsPointwise ? ToPlane : Backward ? Geometry.Width : Geometry.OutWidth;
        bool fits = Phases == 1 && run % T.Count == 0 && (!Backward || (Geometry.Left + Geometry.Width <= Geometry.Pitch && Geometry.Top + Geometry.Height <= Geometry.Rows));
        bool raw = fits && Geometry.IsPointwise, copies = raw || DenseWalk.HasMany(Weights.Size);
        int streams = Read * (Backward ? 1 : Geometry.Phases), written = fits ? 0 : Weights.Written * Phases;
        int images = raw ? last - first : (int)Math.Clamp(CacheNumbers / ((long)(streams + written) * ImageStride), 1, last - first);
        // An odd number of cache lines from stream to stream: with a power of two all would meet in the same few sets of the cache.
        int margin = Backward ? (Geometry.Slack + 15) / 16 * 16 : 0, stream = ((margin + images * ImageStride + Geometry.Slack + 16 * DenseTiles.Wide + 15) / 16 | 1) * 16;
        int most = images * (fits ? ToPlane : ImageStride) / T.Count + DenseTiles.Wide + 1, taps = Read * Geometry.Positions;
        float* laid = Scratch.Of((raw ? 0 : (long)streams * stream) + (long)written * stream + 2L * taps + 4L * most + (copies ? DenseWalk.CopySize(T.Count) : 0));
        float* results = laid + (raw ? 0 : (long)streams * stream);
        float** sources = (float**)(results + (long)written * stream);
        nint* from = (nint*)(sources + taps), to = from + most;
        if (!raw) new Span<float>(laid, checked(streams * stream)).Clear();
        var walk = new DenseWalk(Weights, Weights.Blocks * channelPart / _channelParts, Weights.Blocks * (channelPart + 1) / _channelParts, sources, from, to, copies ? (float*)(to + most) : null);
        for (int image = first; image < last; image += images)
        {
            int taken = Math.Min(images, last - image);
            float* source = From + (long)image * Read * FromPlane;
            if (!raw) Lay(source, laid, stream, margin, taken);
            int count = fits ? Places(from, to, run, raw, taken, T.Count) : Everywhere(from, to, taken, T.Count);
            long before = 0;
            for (int phase = 0; phase < Phases; phase++)
            {
                int positions = Weights.PositionsIn(phase);
                Locate(sources, raw ? source : laid, raw ? FromPlane : stream, margin, phase);
                var target = fits ? To + (long)image * Weights.Written * ToPlane : results + (long)phase * stream;
                walk.Run<T>(Read * positions, before, count, target, fits ? ToPlane : (long)Phases * stream);
                before += (long)Weights.Blocks * DenseTiles.High(Bits) * Read * positions;
            }
            if (!fits) Collect(results, stream, image, taken, channelPart);
        }
    }

    private readonly void Lay(float* source, float* laid, int stream, int margin, int taken)
    {
        for (int i = 0; i < taken; i++)
        {
            for (int c = 0; c < Read; c++)
            {
                float* plane = source + ((long)i * Read + c) * FromPlane;
                if (Backward) Geometry.SpreadOutput(plane, laid + (long)c * stream + margin + (long)i * ImageStride);
                else Geometry.Scatter(plane, laid + (long)c * Geometry.Phases * stream + (long)i * ImageStride, stream);
            }
        }
    }

    private readonly void Locate(float** sources, float* streams, long stream, int margin, int phase)
    {
        int at = 0;
        for (int c = 0; c < Read; c++)
        {
            for (int k = 0; k < Geometry.Positions; k++)
            {
                var (of, offset) = Geometry.PositionOf(k);
                if (!Backward) sources[at++] = streams + ((long)c * Geometry.Phases + of) * stream + offset;
                else if (of == phase) sources[at++] = streams + c * stream + margin - offset;
            }
        }
    }

    // Where every register of the result begins: read in the streams, written in the planes.
    private readonly int Places(nint* from, nint* to, int run, bool raw, int taken, int width)
    {
        int count = 0, rows = ToPlane / run;
        nint apart = (nint)Weights.Written * ToPlane, stride = raw ? (nint)Read * FromPlane : ImageStride, origin = Backward ? Geometry.Top * Geometry.Pitch + Geometry.Left : 0;
        for (int i = 0; i < taken; i++)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int x = 0; x < run; x += width, count++)
                    (from[count], to[count]) = (i * stride + origin + row * (nint)Geometry.Pitch + x, i * apart + row * (nint)run + x);
            }
        }
        return count;
    }

    private readonly int Everywhere(nint* from, nint* to, int taken, int width)
    {
        int count = 0, end = Backward ? taken * ImageStride : (taken - 1) * ImageStride + Geometry.Flat;
        for (int at = 0; at < end; at += width, count++) from[count] = to[count] = at;
        return count;
    }

    private readonly void Collect(float* results, int stream, int image, int taken, int channelPart)
    {
        int high = DenseTiles.High(Bits), first = Weights.Blocks * channelPart / _channelParts * high, last = Math.Min(Weights.Written, Weights.Blocks * (channelPart + 1) / _channelParts * high);
        for (int i = 0; i < taken; i++)
        {
            for (int m = first; m < last; m++)
            {
                float* result = results + (long)m * Phases * stream + (long)i * ImageStride, plane = To + ((long)(image + i) * Weights.Written + m) * ToPlane;
                if (Backward) Geometry.Gather(result, plane, stream);
                else Geometry.GatherOutput(result, plane);
            }
        }
    }
}
