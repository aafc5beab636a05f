namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// How a fake quantizer's tensor is cut: rows of <see cref="Inner"/> numbers with one scale each, rows·channels of them in turn; or, with one scale for all,
/// blocks of a fixed length. The cut depends on shapes alone.
/// </summary>
internal readonly struct FakeQuantizeLayout
{
    private const long Block = 1 << 16;

    public FakeQuantizeLayout(ReadOnlySpan<long> shape, int axis, long scales)
    {
        Count = KernelContext.Product(shape);
        PerChannel = scales > 1;
        if (!PerChannel)
        {
            (Inner, Channels, Parts) = (Count, 1, (int)((Count + Block - 1) / Block));
            return;
        }
        Channels = (int)shape[axis];
        if (scales != Channels) throw new InvalidOperationException($"{scales} scales for {Channels} channels");
        Inner = KernelContext.Product(shape[(axis + 1)..]);
        // A part is some whole channels in every outer row, so that a channel's sum is made by one thread in one order.
        Parts = (int)Math.Clamp(Count / Block * 4, 1, Channels);
    }

    public long Count { get; }

    public long Inner { get; }

    public int Channels { get; }

    public int Parts { get; }

    public bool PerChannel { get; }

    /// <summary>Outer rows.</summary>
    public long Outer => Count == 0 ? 0 : Count / (Inner * Channels);

    /// <summary>The channels of a part.</summary>
    public (int From, int To) ChannelsOf(int part) => ((int)((long)Channels * part / Parts), (int)((long)Channels * (part + 1) / Parts));

    /// <summary>The numbers of a part, with one scale for all.</summary>
    public (nint From, nint To) RangeOf(int part) => ((nint)(part * Block), (nint)Math.Min(Count, (part + 1) * Block));
}
