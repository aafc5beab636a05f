using Haq.Engine.Numerics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// dW[m, c, k] = Σ over images and pixels of dy[m]·x[c] seen from place k of the window. The gradients are laid out with the channels of a block side by side, the input only
/// gets its padding; <see cref="OuterTiles"/> then walks over chunks of pixels that stay in the first-level cache. Small results are made in parts of the images, whose sums
/// <see cref="ConvWeightGradientSum"/> adds in order; large ones in parts of the output channels. Both depend on the shapes and
/// the width of the registers alone, not on the threads.
/// </summary>
internal unsafe struct ConvWeightGradientWork : IParallelBody, IVectorKernel
{
    private const int Chunk = 1 << 12, ManyParts = 8;
    private const long CacheNumbers = 1 << 17, SmallResult = 1 << 16;

    public WindowGeometry Geometry;
    public int Bits, Part, Batch, Channels, Outputs;
    public float* Gradient, Input, Result;
    private int _blockParts;

    /// <summary>Parts of the images.</summary>
    public int ImageParts { get; private set; }

    /// <summary>Sums of all parts of the images, [part, block, c·k, channel of the block].</summary>
    public float* Partial { get; private set; }

    /// <summary>Output channels of a block.</summary>
    public int Block { get; private set; }

    /// <summary>Number of parts.</summary>
    public readonly int Parts => ImageParts * _blockParts;

    /// <summary>Number of blocks.</summary>
    public readonly int Blocks => (Outputs + Block - 1) / Block;

    /// <summary>Input channels times places of the window.</summary>
    public readonly int Columns => Channels * Geometry.Positions;

    /// <summary>Numbers of one part's sums.</summary>
    public readonly long Count => (long)Blocks * Block * Columns;

    private readonly int Plane => Geometry.Height * Geometry.Width;

    private readonly int OutPlane => Geometry.OutHeight * Geometry.OutWidth;

    // Extents of a padded plane: what the windows reach.
    private readonly int PaddedHeight => (Geometry.OutHeight - 1) * Geometry.StrideY + (Geometry.KernelHeight - 1) * Geometry.DilationY + 1;

    private readonly int PaddedWidth => (Geometry.OutWidth - 1) * Geometry.StrideX + (Geometry.KernelWidth - 1) * Geometry.DilationX + 1;

    // Every number of a plane is read once, in order: the input itself will do.
    private readonly bool IsPointwise => Geometry.Positions == 1 && Geometry.Phases == 1 && Plane == OutPlane && Geometry.Top == 0 && Geometry.Left == 0;

    /// <summary>Decides on the parts and takes the memory for their sums.</summary>
    public void Plan()
    {
        int width = Math.Max(1, Bits / 32);
        Block = OuterTiles.High(Outputs, width) * width;
        ImageParts = Count <= SmallResult ? Math.Min(Batch, ManyParts) : 1;
        _blockParts = ImageParts > 1 ? 1 : Math.Min(Blocks, ManyParts);
        Partial = Scratch.Shared(ImageParts * Count);
    }

    public void Run(int part)
    {
        var mine = this;
        mine.Part = part;
        VectorLoop.Dispatch(ref mine, Bits);
    }

    public readonly void Run<T>() where T : unmanaged, ISimd<T>
    {
        int imagePart = Part / _blockParts, blockPart = Part % _blockParts;
        int first = (int)((long)Batch * imagePart / ImageParts), last = (int)((long)Batch * (imagePart + 1) / ImageParts);
        int firstBlock = Blocks * blockPart / _blockParts, blocks = Blocks * (blockPart + 1) / _blockParts - firstBlock;
        bool raw = IsPointwise;
        int padded = raw ? Plane : PaddedHeight * PaddedWidth, length = raw ? Math.Min(Plane, Math.Max(1, Chunk / Block)) : Geometry.OutWidth;
        long perImage = (raw ? 0 : (long)Channels * padded) + (long)blocks * Block * OutPlane;
        int images = (int)Math.Clamp(CacheNumbers / perImage, 1, last - first), pixels = images * OutPlane, rowsPerPlane = (OutPlane + length - 1) / length;
        float* gradient = Scratch.Of((long)blocks * Block * pixels + (raw ? 0 : (long)images * Channels * padded) + 2L * Columns + 2L * images * rowsPerPlane + 2);
        float* x = gradient + (long)blocks * Block * pixels;
        float** columns = (float**)(x + (raw ? 0 : (long)images * Channels * padded));
        nint* rows = (nint*)(columns + Columns);
        new Span<float>(gradient, checked((int)((float*)columns - gradient))).Clear();
        float* sums = Partial + imagePart * Count + (long)firstBlock * Block * Columns;
        new Span<float>(sums, checked(blocks * Block * Columns)).Clear();
        for (int image = first; image < last; image += images)
        {
            int taken = Math.Min(images, last - image);
            float* source = Input + (long)image * Channels * Plane;
            if (!raw) Pad(source, x, padded, taken);
            Interleave(gradient, pixels, image, taken, firstBlock, blocks);
            Locate(columns, rows, raw ? source : x, padded, raw, length, rowsPerPlane, taken);
            Sum<T>(gradient, pixels, blocks, columns, rows, taken * rowsPerPlane, rowsPerPlane, length, raw ? 1 : Geometry.StrideX, sums);
        }
    }

    private readonly void Sum<T>(float* gradient, int pixels, int blocks, float** columns, nint* rows, int rowCount, int rowsPerPlane, int length, nint step, float* sums)
        where T : unmanaged, ISimd<T>
    {
        int high = Block / T.Count, wide = OuterTiles.Wide(high, T.Count);
        // The last row of a plane may be shorter than the others: a chunk ends before it and after it.
        int lastLength = OutPlane - (rowsPerPlane - 1) * length, most = Math.Max(1, Chunk / Block / length);
        for (int row = 0, pixel = 0, count; row < rowCount; row += count)
        {
            int inPlane = row % rowsPerPlane, now = length;
            if (lastLength == length) count = Math.Min(most, rowCount - row);
            else if (inPlane == rowsPerPlane - 1) (count, now) = (1, lastLength);
            else count = Math.Min(most, rowsPerPlane - 1 - inPlane);
            for (int block = 0; block < blocks; block++)
            {
                float* dy = gradient + ((long)block * pixels + pixel) * Block, to = sums + (long)block * Columns * Block;
                for (int column = 0; column < Columns; column += wide)
                    OuterTiles.Add<T>(high, dy, columns + column, Math.Min(wide, Columns - column), rows + row, count, now, step, to + (long)column * Block);
            }
            pixel += count * now;
        }
    }

    private readonly void Pad(float* source, float* x, int padded, int taken)
    {
        int width = PaddedWidth, height = PaddedHeight, left = Math.Min(Geometry.Width, width - Geometry.Left);
        for (int plane = 0; left > 0 && plane < taken * Channels; plane++)
        {
            for (int y = 0; y < Geometry.Height && y + Geometry.Top < height; y++)
            {
                new ReadOnlySpan<float>(source + (long)plane * Plane + (long)y * Geometry.Width, left)
                    .CopyTo(new Span<float>(x + (long)plane * padded + (long)(y + Geometry.Top) * width + Geometry.Left, left));
            }
        }
    }

    // Lanes beyond the last channel stay zero.
    private readonly void Interleave(float* gradient, int pixels, int image, int taken, int firstBlock, int blocks)
    {
        for (int i = 0; i < taken; i++)
        {
            for (int block = 0; block < blocks; block++)
            {
                int m = (firstBlock + block) * Block;
                float* planes = Gradient + ((long)(image + i) * Outputs + m) * OutPlane, to = gradient + ((long)block * pixels + (long)i * OutPlane) * Block;
                ChannelBlocks.Gather(planes, OutPlane, Math.Min(Block, Outputs - m), Block, to);
            }
        }
    }

    private readonly void Locate(float** columns, nint* rows, float* x, int padded, bool raw, int length, int rowsPerPlane, int taken)
    {
        for (int c = 0, at = 0; c < Channels; c++)
        {
            for (int k = 0; k < Geometry.Positions; k++, at++)
                columns[at] = x + (long)c * padded + (long)(k / Geometry.KernelWidth * Geometry.DilationY) * PaddedWidth + k % Geometry.KernelWidth * Geometry.DilationX;
        }
        for (int i = 0, at = 0; i < taken; i++)
        {
            for (int row = 0; row < rowsPerPlane; row++, at++)
                rows[at] = (nint)i * Channels * padded + row * (raw ? length : (nint)Geometry.StrideY * PaddedWidth);
        }
    }
}
