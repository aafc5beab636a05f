namespace Haq.Engine.Quantization.Rounding;

/// <summary>Channels that are rounded together: what they are made of, and what comes of it.</summary>
/// <param name="count">Number of channels.</param>
/// <param name="size">Weights of a channel, K.</param>
public sealed class RoundedChannels(int count, int size)
{
    private readonly float[] _weights = new float[count * size];
    private readonly short[] _rounded = new short[count * size];

    /// <summary>Number of channels.</summary>
    public int Count => count;

    /// <summary>By channel: where it starts, then that of its integers.</summary>
    public float[] Scales { get; } = new float[count];

    /// <summary>A channel's K weights.</summary>
    public Span<float> WeightsOf(int channel) => _weights.AsSpan(channel * size, size);

    /// <summary>A channel's K integers.</summary>
    public Span<short> RoundedOf(int channel) => _rounded.AsSpan(channel * size, size);

    /// <summary>Some of the channels, of the same weights, to be rounded once more.</summary>
    public RoundedChannels Only(ReadOnlySpan<int> channels)
    {
        var some = new RoundedChannels(channels.Length, size);
        for (int c = 0; c < channels.Length; c++)
        {
            WeightsOf(channels[c]).CopyTo(some.WeightsOf(c));
            some.Scales[c] = Scales[channels[c]];
        }
        return some;
    }
}
