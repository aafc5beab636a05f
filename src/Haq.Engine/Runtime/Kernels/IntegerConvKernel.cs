using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// A convolution of what a quantizer makes, in integers: y = clamp(Σ q·w · scale(x) · scale(w) + bias + addend, low, high), q the integers of x. Inputs (x, scale of x, its settings as
/// <see cref="FakeQuantizeKernel"/> takes them, weights as 16-bit integers in the kernels' order, a scale and a bias per output channel, addend); maps are in ONNX Runtime's blocks of channels.
/// </summary>
internal sealed unsafe class IntegerConvKernel : CustomKernel
{
    /// <summary>Its name in the engine's domain.</summary>
    public const string Name = "IntegerConv";

    // Rows of integers that stay in a core's own cache while every group of output channels reads them.
    private const long StripBytes = 1 << 17;

    private readonly IntegerConvShape _shape;
    private readonly float _low, _high;

    public IntegerConvKernel(KernelAttributes attributes)
    {
        if (!Avx2.IsSupported) throw new PlatformNotSupportedException("convolutions in integers need AVX2");
        _shape = new IntegerConvShape(attributes);
        (_low, _high) = (attributes.Number("low"), attributes.Number("high"));
    }

    public override void Compute(in KernelContext context)
    {
        Span<long> extents = stackalloc long[4];
        context.Shape(0, extents);
        var shape = _shape.Over(extents[2], extents[3]);
        long images = extents[0], input = (long)shape.Inputs * shape.Rows * shape.Columns, output = (long)shape.Outputs * shape.OutputRows * shape.OutputColumns;
        float* x = context.Input(0), settings = context.Input(2), scales = context.Input(4), biases = context.Input(5);
        float* y = context.Output(0, [images, shape.Outputs, shape.OutputRows, shape.OutputColumns]);
        float* addend = context.InputCount > 6 ? context.Input(6) : null;
        float scale = context.Input(1)[0];
        int channels = (shape.Outputs + 15) / 16 * 16;
        long perGroup = 16L * shape.Inputs * shape.KernelRows * shape.KernelColumns;
        float* multipliers = Scratch.Shared(2 * channels + IntegerBytes.Room(channels / 16, perGroup)), paddedBiases = multipliers + channels;
        for (int c = 0; c < channels; c++) (multipliers[c], paddedBiases[c]) = c < shape.Outputs ? (scale * scales[c], biases[c]) : (0, 0);
        nint added = addend == null ? 0 : (nint)((byte*)addend - (byte*)y);
        var result = new IntegerOutput { Multipliers = multipliers, Biases = paddedBiases, Low = _low, High = _high, Pixel = shape.Block, Addend = added };
        var codes = new IntegerCodes(scale, settings[0], settings[1]);
        var bytes = shape.Kind == IntegerConvKind.Dense ? IntegerBytes.Of(context.Shorts(3), channels / 16, perGroup, settings[0], settings[1], multipliers + 2 * channels) : null;
        for (long image = 0; image < images; image++)
        {
            if (shape.Kind == IntegerConvKind.Depthwise) Depthwise(shape, codes, x + image * input, context.Shorts(3), result, y + image * output);
            else Dense(shape, codes, bytes, x + image * input, context.Shorts(3), result, y + image * output);
        }
    }

    private static void Dense(in IntegerConvShape shape, in IntegerCodes codes, IntegerBytes? bytes, float* x, short* weights, IntegerOutput result, float* y)
    {
        bool isPlanar = shape.Kind == IntegerConvKind.Planar, joined = shape.IsPointwise;
        int unit = isPlanar ? 2 : shape.Block, planes = isPlanar ? (shape.Inputs + 1) / 2 : shape.Inputs / shape.Block, taps = planes * shape.KernelRows * shape.KernelColumns;
        int size = bytes is null ? sizeof(short) : sizeof(byte);
        long wide = (long)shape.PaddedColumns * unit, row = wide * size, perRow = row * planes;
        int rows = (int)Math.Clamp((StripBytes / perRow - shape.RowSpan) / shape.RowStride + 1, 1, shape.OutputRows), read = (rows - 1) * shape.RowStride + shape.RowSpan;
        nint* offsets = (nint*)Scratch.Of(2 * taps + (planes * read * row + 3) / 4 + 16);
        byte* strip = (byte*)(offsets + (taps + 7) / 8 * 8);
        for (int tap = 0; tap < taps; tap++)
        {
            var ((ky, kx), plane) = (Math.DivRem(tap % (shape.KernelRows * shape.KernelColumns), shape.KernelColumns), tap / (shape.KernelRows * shape.KernelColumns));
            offsets[tap] = (nint)(((long)plane * read + ky * shape.RowDilation) * wide + kx * shape.ColumnDilation * unit);
        }
        var dense = new IntegerDenseRow { Taps = offsets, TapCount = taps, Pairs = unit / 2, Pixel = shape.ColumnStride * unit };
        var narrow = new IntegerByteRow { Taps = offsets, TapCount = taps, Channels = unit, Pixel = shape.ColumnStride * unit };
        long blockMap = (long)shape.OutputRows * shape.OutputColumns * shape.Block;
        for (int from = 0; from < shape.OutputRows; from += rows)
        {
            int count = Math.Min(rows, shape.OutputRows - from);
            for (int plane = 0; plane < planes; plane++)
                Fill(shape, codes, bytes?.Shift, x, plane, from * shape.RowStride - shape.Top, (count - 1) * shape.RowStride + shape.RowSpan, strip + plane * read * row);
            for (int channel = 0; channel < shape.Outputs; channel += 16)
            {
                dense.Weights = weights + (long)channel * taps * unit;
                if (bytes is { } shifted)
                {
                    narrow.Weights = shifted.Weights + (long)channel * taps * unit;
                    narrow.Starts = shifted.Starts + channel;
                }
                narrow.Output = dense.Output = result with
                {
                    Multipliers = result.Multipliers + channel,
                    Biases = result.Biases + channel,
                    Second = shape.Block == 16 ? 8 : channel + 8 < shape.Outputs ? (nint)blockMap : 0,
                };
                float* to = y + channel / shape.Block * blockMap + (long)from * shape.OutputColumns * shape.Block;
                for (int r = 0; r < (joined ? 1 : count); r++)
                {
                    byte* at = strip + r * shape.RowStride * row;
                    int pixels = joined ? count * shape.OutputColumns : shape.OutputColumns;
                    if (bytes is null) dense.Run((short*)at, to + (long)r * shape.OutputColumns * shape.Block, pixels);
                    else narrow.Run(at, to + (long)r * shape.OutputColumns * shape.Block, pixels);
                }
            }
        }
    }

    // Rows of one plane as integers, zeros where the padding is; as bytes where they are shifted.
    private static void Fill(in IntegerConvShape shape, in IntegerCodes codes, int? shift, float* x, int plane, int first, int count, byte* to)
    {
        bool isPlanar = shape.Kind == IntegerConvKind.Planar;
        int unit = isPlanar ? 2 : shape.Block, pixel = shift is null ? unit * sizeof(short) : unit;
        byte zero = (byte)(shift ?? 0);
        long row = (long)shape.PaddedColumns * pixel, map = (long)shape.Rows * shape.Columns;
        for (int r = 0; r < count; r++, to += row)
        {
            int at = first + r;
            if (at < 0 || at >= shape.Rows)
            {
                new Span<byte>(to, (int)row).Fill(zero);
                continue;
            }
            byte* pixels = to + shape.Left * pixel;
            new Span<byte>(to, shape.Left * pixel).Fill(zero);
            float* from = x + (plane * map + (long)at * shape.Columns) * unit;
            if (isPlanar)
            {
                float* one = x + 2 * plane * map + (long)at * shape.Columns;
                codes.OfPlanes(one, 2 * plane + 1 < shape.Inputs ? one + map : null, shape.Columns, (short*)pixels);
            }
            else if (shift is { } shifted)
            {
                codes.OfShifted(from, (long)shape.Columns * unit, shifted, pixels);
            }
            else
            {
                codes.Of(from, (long)shape.Columns * unit, (short*)pixels);
            }
            pixels += (long)shape.Columns * pixel;
            new Span<byte>(pixels, (int)(to + row - pixels)).Fill(zero);
        }
    }

    private static void Depthwise(in IntegerConvShape shape, in IntegerCodes codes, float* x, short* weights, IntegerOutput result, float* y)
    {
        int pairs = (shape.KernelColumns + 1) / 2, span = shape.KernelRows, padded = shape.PaddedColumns + 1;
        long row = (long)padded * 16;
        short** order = stackalloc short*[span];
        short* ring = (short*)Scratch.Of(span * row / 2);
        var depthwise = new IntegerDepthwiseRow { Rows = order, KernelRows = span, Pairs = pairs, Pixel = shape.ColumnStride * 16 };
        long map = (long)shape.Rows * shape.Columns * shape.Block, made = (long)shape.OutputRows * shape.OutputColumns * shape.Block;
        for (int channel = 0; channel < shape.Outputs; channel += 8)
        {
            long block = channel / shape.Block;
            int lane = channel % shape.Block;
            float* from = x + block * map + lane, to = y + block * made + lane;
            depthwise.Weights = weights + (long)channel * 2 * span * pairs;
            depthwise.Output = result with { Multipliers = result.Multipliers + channel, Biases = result.Biases + channel };
            for (int k = 0; k < span; k++) order[k] = ring + k * row;
            for (int r = 0, fresh = span; r < shape.OutputRows; r++, to += (long)shape.OutputColumns * shape.Block, fresh = Math.Min(span, shape.RowStride))
            {
                int first = r * shape.RowStride - shape.Top;
                for (int k = 0; r > 0 && k < fresh; k++) Turn(order, span);
                for (int k = span - fresh; k < span; k++)
                {
                    int at = first + k;
                    if (at < 0 || at >= shape.Rows) new Span<short>(order[k], (int)row).Clear();
                    else codes.OfNeighbours(from + (long)at * shape.Columns * shape.Block, shape.Block, shape.Columns, shape.Left, padded, order[k]);
                }
                depthwise.Run(to, shape.OutputColumns);
            }
        }
    }

    // The first row's memory becomes the last one's.
    private static void Turn(short** rows, int count)
    {
        short* first = rows[0];
        for (int k = 1; k < count; k++) rows[k - 1] = rows[k];
        rows[count - 1] = first;
    }
}
