namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A two-dimensional window over one plane, arranged for flat loops. The padded plane is cut into stride×stride phases, each a small plane in which neighbouring
/// outputs are neighbouring numbers; all share one pitch with the output, so that a kernel position is a phase and an offset, and one loop runs over all rows. The
/// numbers between the rows belong to nobody and are zero or ignored.
/// </summary>
internal readonly struct WindowGeometry
{
    public WindowGeometry(int height, int width, int outHeight, int outWidth, int kernelHeight, int kernelWidth, int strideY, int strideX, int dilationY, int dilationX, int top, int left)
    {
        (Height, Width, OutHeight, OutWidth, KernelHeight, KernelWidth) = (height, width, outHeight, outWidth, kernelHeight, kernelWidth);
        (StrideY, StrideX, DilationY, DilationX, Top, Left) = (strideY, strideX, dilationY, dilationX, top, left);
        int reachX = (kernelWidth - 1) * dilationX, reachY = (kernelHeight - 1) * dilationY;
        // With a stride of one, the padding after a row is also the padding before the next, and so for the rows between two images.
        Pitch = outWidth + reachX / strideX - Shared(strideX, outWidth + reachX - left - width, left, reachX);
        // What falls on the padding or beyond is never stored; what no window reads neither.
        Rows = outHeight + reachY / strideY - Shared(strideY, outHeight + reachY - top - height, top, reachY);
        Flat = outHeight * Pitch;
        Slack = (reachY / strideY) * Pitch + reachX / strideX;
        // One register may run over the end.
        Phase = (Rows * Pitch + Slack + 32 + 15) / 16 * 16;
    }

    private static int Shared(int stride, int after, int before, int reach) => stride > 1 ? 0 : Math.Clamp(Math.Min(after, before), 0, reach);

    public int Height { get; }

    public int Width { get; }

    public int OutHeight { get; }

    public int OutWidth { get; }

    public int KernelHeight { get; }

    public int KernelWidth { get; }

    public int StrideY { get; }

    public int StrideX { get; }

    public int DilationY { get; }

    public int DilationX { get; }

    public int Top { get; }

    public int Left { get; }

    /// <summary>Numbers from one row to the next, in every phase and in the spread output.</summary>
    public int Pitch { get; }

    /// <summary>Rows of a phase.</summary>
    public int Rows { get; }

    /// <summary>Numbers of the spread output: OutHeight rows.</summary>
    public int Flat { get; }

    /// <summary>The greatest offset of a kernel position.</summary>
    public int Slack { get; }

    /// <summary>Numbers of one phase, with room for a register to run over.</summary>
    public int Phase { get; }

    public int Phases => StrideY * StrideX;

    public int Positions => KernelHeight * KernelWidth;

    /// <summary>One place, no stride, no padding: a matrix product, and every plane is one run of numbers.</summary>
    public bool IsPointwise => Positions == 1 && Phases == 1 && Pitch == Width && Rows == Height && Height * Width == OutHeight * OutWidth;

    /// <summary>Numbers of all phases of a plane.</summary>
    public int Spread => Phases * Phase;

    /// <summary>Where a kernel position reads: the phase, and the offset in it.</summary>
    public (int Phase, int Offset) PositionOf(int position)
    {
        int y = position / KernelWidth * DilationY, x = position % KernelWidth * DilationX;
        return (y % StrideY * StrideX + x % StrideX, y / StrideY * Pitch + x / StrideX);
    }

    /// <summary>Copies a plane into its phases; the rest must be zero already.</summary>
    public unsafe void Scatter(float* plane, float* phases) => Scatter(plane, phases, Phase);

    /// <summary>Copies a plane into its phases, <paramref name="apart"/> numbers from one to the next.</summary>
    public unsafe void Scatter(float* plane, float* phases, int apart)
    {
        for (int y = 0; y < Height; y++)
        {
            int py = y + Top, row = py / StrideY;
            if (row >= Rows) continue;
            float* from = plane + (nint)y * Width;
            float* phase = phases + (nint)(py % StrideY * StrideX) * apart + row * Pitch;
            if (StrideX == 1)
            {
                int count = Math.Min(Width, Pitch - Left);
                if (count > 0) new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(phase + Left, count));
                continue;
            }
            for (int of = 0; of < StrideX; of++)
            {
                var (x, column) = FirstOf(of);
                float* to = phase + (nint)of * apart;
                if (StrideX == 2)
                {
                    int whole = EverySecond.Read(from + x, to + column, Math.Min((Width - x + 1) / 2, Pitch - column));
                    (x, column) = (x + 2 * whole, column + whole);
                }
                for (; x < Width && column < Pitch; x += StrideX, column++) to[column] = from[x];
            }
        }
    }

    /// <summary>Copies phases back into a plane; what no phase covers is zero.</summary>
    public unsafe void Gather(float* phases, float* plane) => Gather(phases, plane, Phase);

    /// <summary>Copies phases that are <paramref name="apart"/> numbers apart back into a plane.</summary>
    public unsafe void Gather(float* phases, float* plane, int apart)
    {
        for (int y = 0; y < Height; y++)
        {
            int py = y + Top, row = py / StrideY;
            float* to = plane + (nint)y * Width;
            if (row >= Rows)
            {
                new Span<float>(to, Width).Clear();
                continue;
            }
            float* phase = phases + (nint)(py % StrideY * StrideX) * apart + row * Pitch;
            if (StrideX == 1)
            {
                int count = Math.Clamp(Pitch - Left, 0, Width);
                new ReadOnlySpan<float>(phase + Left, count).CopyTo(new Span<float>(to, count));
                new Span<float>(to + count, Width - count).Clear();
                continue;
            }
            for (int of = 0; of < StrideX; of++)
            {
                var (x, column) = FirstOf(of);
                float* read = phase + (nint)of * apart;
                for (; x < Width; x += StrideX, column++) to[x] = column < Pitch ? read[column] : 0;
            }
        }
    }

    // The first number of a row that belongs to a phase, and its column there.
    private (int X, int Column) FirstOf(int phase)
    {
        int x = ((phase - Left) % StrideX + StrideX) % StrideX;
        return (x, (x + Left) / StrideX);
    }

    /// <summary>Copies an output plane to rows of the common pitch; the gaps must be zero already.</summary>
    public unsafe void SpreadOutput(float* plane, float* spread)
    {
        for (int y = 0; y < OutHeight; y++)
            new ReadOnlySpan<float>(plane + (nint)y * OutWidth, OutWidth).CopyTo(new Span<float>(spread + (nint)y * Pitch, OutWidth));
    }

    /// <summary>Copies rows of the common pitch to an output plane.</summary>
    public unsafe void GatherOutput(float* spread, float* plane)
    {
        for (int y = 0; y < OutHeight; y++)
            new ReadOnlySpan<float>(spread + (nint)y * Pitch, OutWidth).CopyTo(new Span<float>(plane + (nint)y * OutWidth, OutWidth));
    }
}
