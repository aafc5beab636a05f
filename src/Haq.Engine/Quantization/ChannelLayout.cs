namespace Haq.Engine.Quantization;

/// <summary>Where a weight tensor's output channels lie: element (outer, channel, inner) is at (outer · Channels + channel) · Inner + inner.</summary>
/// <param name="Outer">Product of the extents before the channel axis.</param>
/// <param name="Channels">Extent of the channel axis.</param>
/// <param name="Inner">Product of the extents after it.</param>
public readonly record struct ChannelLayout(int Outer, int Channels, int Inner)
{
    /// <summary>The layout of a tensor with <paramref name="shape"/> whose channels run along <paramref name="axis"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static ChannelLayout Of(ReadOnlySpan<long> shape, int axis)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, shape.Length);
        return new ChannelLayout(Product(shape[..axis]), checked((int)shape[axis]), Product(shape[(axis + 1)..]));
    }

    /// <summary>Values per channel.</summary>
    public int PerChannel => Outer * Inner;

    /// <summary>Values in all.</summary>
    public int Count => Outer * Channels * Inner;

    /// <summary>Copies one channel's values out of <paramref name="tensor"/>, in storage order.</summary>
    public void Gather<T>(ReadOnlySpan<T> tensor, int channel, Span<T> values)
    {
        for (int o = 0; o < Outer; o++) tensor.Slice((o * Channels + channel) * Inner, Inner).CopyTo(values[(o * Inner)..]);
    }

    /// <summary>Copies one channel's values into <paramref name="tensor"/>.</summary>
    public void Scatter<T>(ReadOnlySpan<T> values, int channel, Span<T> tensor)
    {
        for (int o = 0; o < Outer; o++) values.Slice(o * Inner, Inner).CopyTo(tensor[((o * Channels + channel) * Inner)..]);
    }

    /// <summary>
    /// Copies the values of <paramref name="count"/> channels from <paramref name="first"/> on, channel c's from position c ·
    /// <paramref name="stride"/>. Channels side by side share cache lines, which one
    /// channel at a time would fetch again and again.
    /// </summary>
    public void Gather<T>(ReadOnlySpan<T> tensor, int first, int count, Span<T> values, int stride)
    {
        for (int o = 0; o < Outer; o++)
        {
            var rows = tensor.Slice((o * Channels + first) * Inner, count * Inner);
            if (Inner == 1)
                for (int c = 0; c < count; c++) values[c * stride + o] = rows[c];
            else
                for (int c = 0; c < count; c++) rows.Slice(c * Inner, Inner).CopyTo(values[(c * stride + o * Inner)..]);
        }
    }

    /// <summary>Copies the values of several channels back.</summary>
    public void Scatter<T>(ReadOnlySpan<T> values, int stride, int first, int count, Span<T> tensor)
    {
        for (int o = 0; o < Outer; o++)
        {
            var rows = tensor.Slice((o * Channels + first) * Inner, count * Inner);
            if (Inner == 1)
                for (int c = 0; c < count; c++) rows[c] = values[c * stride + o];
            else
                for (int c = 0; c < count; c++) values.Slice(c * stride + o * Inner, Inner).CopyTo(rows[(c * Inner)..]);
        }
    }

    private static int Product(ReadOnlySpan<long> extents)
    {
        long product = 1;
        foreach (long extent in extents) product = checked(product * extent);
        return checked((int)product);
    }
}
