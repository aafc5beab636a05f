namespace Haq.Engine.Runtime.Kernels;

/// <summary>Where the channels of a convolution in integers lie.</summary>
internal enum IntegerConvKind
{
    /// <summary>Every output channel reads every input channel; both are in blocks.</summary>
    Dense,

    /// <summary>The same, but the input is in planes: the few channels of an image.</summary>
    Planar,

    /// <summary>Every channel by itself, in blocks.</summary>
    Depthwise,
}

/// <summary>The extents of a convolution in integers: what the node says, and the map at hand.</summary>
internal readonly struct IntegerConvShape
{
    public IntegerConvShape(KernelAttributes attributes)
    {
        Kind = (IntegerConvKind)attributes.Integer("kind", 0);
        (Block, Inputs, Outputs) = (attributes.Integer("block", 0), attributes.Integer("inputs", 0), attributes.Integer("outputs", 0));
        int[] kernel = attributes.Integers("kernel_shape"), strides = attributes.Integers("strides"), dilations = attributes.Integers("dilations"), pads = attributes.Integers("pads");
        (KernelRows, KernelColumns, RowStride, ColumnStride, RowDilation, ColumnDilation) = (kernel[0], kernel[1], strides[0], strides[1], dilations[0], dilations[1]);
        (Top, Left, Bottom, Right) = (pads[0], pads[1], pads[2], pads[3]);
    }

    private IntegerConvShape(in IntegerConvShape of, int rows, int columns)
    {
        this = of;
        (Rows, Columns) = (rows, columns);
    }

    public IntegerConvKind Kind { get; }

    /// <summary>Channels of a block.</summary>
    public int Block { get; }

    /// <summary>Input channels, padded to whole blocks where they are in blocks.</summary>
    public int Inputs { get; }

    /// <summary>Output channels, padded to whole blocks.</summary>
    public int Outputs { get; }

    public int KernelRows { get; }

    public int KernelColumns { get; }

    public int RowStride { get; }

    public int ColumnStride { get; }

    public int RowDilation { get; }

    public int ColumnDilation { get; }

    public int Top { get; }

    public int Left { get; }

    private int Bottom { get; }

    private int Right { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Rows that the kernel spans.</summary>
    public int RowSpan => (KernelRows - 1) * RowDilation + 1;

    public int OutputRows => (Rows + Top + Bottom - RowSpan) / RowStride + 1;

    public int OutputColumns => (Columns + Left + Right - (KernelColumns - 1) * ColumnDilation - 1) / ColumnStride + 1;

    /// <summary>Columns with the padding on both sides, and no fewer than the last output column reads.</summary>
    public int PaddedColumns => Left + Columns + Right;

    /// <summary>The kernel is one pixel that visits all, so that rows may be joined.</summary>
    public bool IsPointwise => KernelRows == 1 && KernelColumns == 1 && RowStride == 1 && ColumnStride == 1 && PaddedColumns == Columns && Top + Bottom == 0;

    /// <summary>The same for maps of these extents.</summary>
    public IntegerConvShape Over(long rows, long columns) => new(this, (int)rows, (int)columns);
}
