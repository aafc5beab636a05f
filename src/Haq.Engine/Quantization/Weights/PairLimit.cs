using System.Collections.Immutable;
using Haq.Engine.Quantization.Rounding;

namespace Haq.Engine.Quantization.Weights;

/// <summary>Gives channels whose pairs of 8-bit weights would saturate (<see cref="PairSums"/>) a coarser scale, the finest at which they do not.</summary>
internal static class PairLimit
{
    private const int Tries = 6;

    // Rounding moves single weights by one or two: a little more than the ratio asks for saves a try.
    private const float Slack = 1.002f;

    /// <summary>Rounds a channel again with ever coarser scales until its pairs fit; what is left over by then is trimmed.</summary>
    /// <param name="pairs">The layer's pairs.</param>
    /// <param name="scale">The scale that the channel was rounded with.</param>
    /// <param name="rounded">Its integers; replaced.</param>
    /// <param name="round">Rounds it with a given scale.</param>
    /// <returns>The scale of the integers.</returns>
    public static float Keep(PairSums pairs, float scale, short[] rounded, Action<float, short[]> round)
    {
        for (int i = 0; i < Tries && pairs.Worst(rounded) is var worst && worst > PairSums.Most; i++)
        {
            scale *= Slack * worst / PairSums.Most;
            round(scale, rounded);
        }
        pairs.Trim(rounded);
        return scale;
    }

    /// <summary>The same for channels that are rounded together, each as often as it needs: everyone gets the numbers that it would get alone.</summary>
    /// <param name="pairs">The layer's pairs.</param>
    /// <param name="channels">What they are made of, and how they were rounded; replaced.</param>
    /// <param name="round">Rounds channels with their scales.</param>
    public static void Keep(PairSums pairs, RoundedChannels channels, Action<RoundedChannels> round)
    {
        int[] over = [.. Enumerable.Range(0, channels.Count)];
        for (int i = 0; i < Tries; i++)
        {
            over = [.. over.Where(c => pairs.Worst(channels.RoundedOf(c)) > PairSums.Most)];
            if (over.Length == 0) break;
            var again = channels.Only(over);
            for (int c = 0; c < over.Length; c++) again.Scales[c] = channels.Scales[over[c]] * (Slack * pairs.Worst(channels.RoundedOf(over[c])) / PairSums.Most);
            round(again);
            for (int c = 0; c < over.Length; c++)
            {
                channels.Scales[over[c]] = again.Scales[c];
                again.RoundedOf(c).CopyTo(channels.RoundedOf(over[c]));
            }
        }
        for (int c = 0; c < channels.Count; c++) pairs.Trim(channels.RoundedOf(c));
    }

    /// <summary>The same for weights that are rounded to the nearest.</summary>
    public static QuantizedWeights Keep(PairSums pairs, float[] weights, QuantizedWeights quantized, ChannelParts parts)
    {
        float[] scales = [.. quantized.Scales];
        short[] values = quantized.Values.ToArray();
        float[] channel = new float[parts.PerOutput];
        short[] rounded = new short[parts.PerOutput];
        for (int o = 0; o < parts.Outputs; o++)
        {
            parts.Gather<short>(values, o, rounded);
            if (pairs.Worst(rounded) <= PairSums.Most) continue;
            parts.Gather<float>(weights, o, channel);
            scales[o] = Keep(pairs, scales[o], rounded, (scale, into) => Nearest(channel, scale, into));
            parts.Scatter<short>(rounded, o, values);
        }
        return new QuantizedWeights(values, ImmutableArray.Create(scales), parts.Layout, quantized.Bits);
    }

    private static void Nearest(float[] channel, float scale, short[] rounded)
    {
        var quantizer = new Quantizer(scale, 0, IntegerRange.Symmetric((Layers.Bitwidth)8));
        for (int i = 0; i < channel.Length; i++) rounded[i] = (short)quantizer.Quantize(channel[i]);
    }
}
