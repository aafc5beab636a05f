using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization;

/// <summary>
/// The quantized weights of every layer at every width, each computed when first asked for and kept while there is room; what does not fit is computed again each time, to the same numbers. Safe for
/// concurrent use.
/// </summary>
internal sealed class WeightTable
{
    // Every width of a hundred million weights; a network of gigabytes would fill the machine otherwise.
    private const long Room = 2L << 30;

    // Prepared second moments, which every width of a layer is rounded with.
    private const long RoomForMoments = 32L << 20;

    // Two dozen arrays of a thousand numbers each are still beside a row of second moments in a core's second cache; below that many outputs no core is to wait.
    private const int RoundedTogether = 8, OutputsOfMany = 64;

    private readonly QuantizableModel _model;
    private readonly CalibrationTable _calibration;
    private readonly WeightOptions _options;
    private readonly long _room;
    private long _kept;
    private readonly ConcurrentDictionary<(int Layer, Bitwidth Bits, int Block), Lazy<RoundedWeights>> _weights = new();
    private readonly ConcurrentDictionary<int, Lazy<KMeansSharing>> _sorted = new();
    private readonly ConcurrentDictionary<int, SecondOrderRounding?[]> _prepared = new();
    private long _preparedBytes;

    /// <summary>The weights of the layers of <paramref name="model"/>.</summary>
    public WeightTable(QuantizableModel model, CalibrationTable calibration, WeightOptions options, long room = Room) => (_model, _calibration, _options, _room) = (model, calibration, options, room);

    /// <summary>A layer's weights at a width of up to 16 bits.</summary>
    public RoundedWeights For(int layer, Bitwidth bits) => For(layer, bits, BlockedWeights.SizeFor(_model.Layers[layer], ChannelParts.Of(_model.Layers[layer]).Layout, bits, _options.Block));

    /// <summary>The same with a scale per so many weights of a channel; 0 for one per channel.</summary>
    public RoundedWeights For(int layer, Bitwidth bits, int block)
    {
        var key = (layer, bits, block);
        if (_weights.TryGetValue(key, out var kept)) return kept.Value;
        long bytes = sizeof(short) * _model.Layers[layer].WeightShape.Aggregate(1L, (count, extent) => count * extent);
        if (Interlocked.Add(ref _kept, bytes) > _room)
        {
            Interlocked.Add(ref _kept, -bytes);
            return Quantize(layer, bits, block);
        }
        var mine = new Lazy<RoundedWeights>(() => Quantize(layer, bits, block));
        var first = _weights.GetOrAdd(key, mine);
        if (first != mine) Interlocked.Add(ref _kept, -bytes);
        return first.Value;
    }

    private RoundedWeights Quantize(int index, Bitwidth bits, int block)
    {
        NativeRoom.Bound();
        var found = _model.Layers[index];
        float[] weights = _model.View.Floats(found.Weight) ?? throw new InvalidOperationException($"'{found.Weight}' is not constant");
        var parts = ChannelParts.Of(found);
        var moments = _calibration.MomentsOf(found.Name);
        bool correct = _options.CorrectBias && !moments.IsEmpty && (moments.Length > 1 || moments[0].AllowsBiasCorrection) && BiasPlace.Of(_model.View, found) is not null;
        PairSums? pairs = _options is { LimitPairs: true, PerChannel: true } && bits.Bits == 8 && !found.IsStack ? PairSums.Of(found) : null;
        // A sign has no nearest neighbours to choose between.
        var quantized = _options.Sharing == WeightSharing.KMeans ? Share(index, weights, parts.Layout, bits)
            : block > 0
            ? BlockedWeights.Quantize(weights, parts.Layout, bits, _options.Range, block, moments.IsEmpty ? [] : SecondOrderRounding.Of(moments[0], correct)?.Importance() ?? [])
            : _options.SecondOrder && !moments.IsEmpty && bits > 1
            ? ByMoments(index, weights, parts, bits, moments, correct, pairs)
            : Nearest(found, weights, parts.Layout, bits);
        if (!_options.PowerOfTwo) quantized = WithRoomForBias(found, weights, quantized, parts);
        if (pairs is { } limited && quantized is { IsShared: false, Block: 0, IsPerTensor: false }) quantized = PairLimit.Keep(limited, weights, quantized, parts);
        return new RoundedWeights(quantized, correct ? MeanLoss(weights, quantized, parts, moments) : null);
    }

    private QuantizedWeights Nearest(FoundLayer found, float[] weights, ChannelLayout layout, Bitwidth bits)
    {
        bool perChannel = _options.PerChannel && !found.IsStack;
        if (!_options.PowerOfTwo) return WeightQuantizer.Quantize(weights, layout, bits, _options.Range, perChannel: perChannel);
        return WeightQuantizer.Round(weights, layout, bits, InPowersOfTwo(weights, WeightQuantizer.Scales(weights, layout, bits, _options.Range, perChannel: false), bits), perChannel: false);
    }

    private static float[] InPowersOfTwo(float[] weights, float[] scales, Bitwidth bits)
    {
        float power = PowersOfTwo.Nearest(weights, scales[0], IntegerRange.Symmetric(bits).Max);
        return [.. Enumerable.Repeat(power, scales.Length)];
    }

    /// <summary>
    /// One codebook for the tensor. Errors count alike: weighed by what the weights multiply, as rounding does, the loss rose on the sample (0.024
    /// to 0.036 at 4 bits, 0.58 to 2.27 at 3).
    /// </summary>
    private QuantizedWeights Share(int index, float[] weights, ChannelLayout layout, Bitwidth bits)
    {
        var sharing = _sorted.GetOrAdd(index, _ => new Lazy<KMeansSharing>(() => new KMeansSharing(weights))).Value;
        short[] indices = new short[layout.Count];
        var random = new SeededRandom(_options.Seed).Fork($"k-means {_model.Layers[index].Name} {bits.Bits}");
        ImmutableArray<float> codebook = [.. sharing.Share(1 << bits, random, indices)];
        return QuantizedWeights.Shared(indices, codebook, layout, bits);
    }

    /// <summary>
    /// A channel whose weights are next to nothing beside its bias has a scale so small that the bias does not fit the 32-bit integers of an
    /// accumulator. A scale in proportion to the bias costs such a
    /// channel nothing that could be seen, and keeps it in integers. A channel of zeros has no scale of its own: there the bias gives it one, fine enough for the bias.
    /// </summary>
    private QuantizedWeights WithRoomForBias(FoundLayer found, float[] weights, QuantizedWeights quantized, ChannelParts parts)
    {
        // Room for the corrections that are added to the bias, and for scales that are learned.
        const double room = 16;
        if (quantized.IsShared || quantized.Block > 0 || quantized.Bits == 1 || BiasPlace.Of(_model.View, found)?.Values is not { } bias) return quantized;
        double input = _calibration.For(found.Input, new Bitwidth(8)).Scale;
        double[] reach = new double[quantized.Scales.Length];
        for (int o = 0; o < parts.Outputs; o++) reach[parts.ChannelOf(o)] = Math.Max(reach[parts.ChannelOf(o)], Math.Abs(bias[o]));
        bool[] empty = Empty(weights, parts, reach.Length);
        if (quantized.IsPerTensor)
        {
            if (empty.Contains(false) || reach.Max() == 0) return quantized;
            Array.Fill(reach, reach.Max());
        }
        float[] scales = [.. quantized.Scales.Select((scale, c) => ScaleFor(scale, reach[c], input, empty[c], room))];
        if (scales.AsSpan().SequenceEqual(quantized.Scales.AsSpan())) return quantized;
        var coarser = WeightQuantizer.Round(weights, parts.Layout, quantized.Bits, scales);
        short[] values = quantized.Values.ToArray(), channel = new short[parts.PerOutput];
        for (int o = 0; o < parts.Outputs; o++)
        {
            if (scales[parts.ChannelOf(o)] == quantized.Scales[parts.ChannelOf(o)]) continue;
            parts.Gather(coarser.Values, o, channel);
            parts.Scatter<short>(channel, o, values);
        }
        return new QuantizedWeights(values, ImmutableArray.Create(scales), parts.Layout, quantized.Bits, quantized.IsPerTensor);
    }

    // A million scales of an 8-bit input hold a bias to float32's own precision nearly, and fit an accumulator from 2 bits to 16.
    private static float ScaleFor(float scale, double bias, double input, bool empty, double room) => empty
        ? bias > 0 ? (float)Math.Max(bias / (1 << 20) / input, 1e-30) : scale
        : (float)Math.Max(scale, room * bias / int.MaxValue / input);

    private static bool[] Empty(float[] weights, ChannelParts parts, int channels)
    {
        bool[] empty = new bool[channels];
        Array.Fill(empty, true);
        float[] values = new float[parts.PerOutput];
        for (int o = 0; o < parts.Outputs; o++)
        {
            parts.Gather<float>(weights, o, values);
            if (values.AsSpan().ContainsAnyExcept(0f)) empty[parts.ChannelOf(o)] = false;
        }
        return empty;
    }

    private SecondOrderRounding?[] Prepared(int layer, ImmutableArray<SecondMoment> moments, bool centred)
    {
        if (_prepared.TryGetValue(layer, out var kept)) return kept;
        var roundings = new SecondOrderRounding?[moments.Length];
        Parallel.For(0, moments.Length, g => roundings[g] = SecondOrderRounding.Of(moments[g], centred));
        long bytes = roundings.Sum(r => r?.Bytes ?? 0);
        if (Interlocked.Add(ref _preparedBytes, bytes) <= RoomForMoments && _prepared.TryAdd(layer, roundings)) return roundings;
        Interlocked.Add(ref _preparedBytes, -bytes);
        return roundings;
    }

    private QuantizedWeights ByMoments(int index, float[] weights, ChannelParts parts, Bitwidth bits, ImmutableArray<SecondMoment> moments, bool centred, PairSums? pairs)
    {
        var layout = parts.Layout;
        int top = IntegerRange.Symmetric(bits).Max;
        var roundings = Prepared(index, moments, centred);
        float[] importance = new float[layout.Count];
        for (int o = 0; o < parts.Outputs; o++)
            parts.Scatter<float>(roundings[parts.GroupOf(o)]?.Importance() ?? Enumerable.Repeat(1f, parts.PerOutput).ToArray(), o, importance);
        float[] scales = WeightQuantizer.Scales(weights, layout, bits, _options.Range, importance, _options.PerChannel);
        if (_options.PowerOfTwo) scales = InPowersOfTwo(weights, scales, bits);
        var nearest = WeightQuantizer.Round(weights, layout, bits, scales, _options.PerChannel);
        short[] values = nearest.Values.ToArray();
        bool improve = _options.Improve || bits.Bits < Bitwidth.Eight;
        // A scale that several outputs share is not any one's to change.
        bool shared = !_options.PerChannel || parts.Outputs != layout.Channels;
        // Together only what a core has at hand beside a row of second moments.
        int[][] batches = [.. Enumerable.Range(0, parts.Outputs).GroupBy(parts.GroupOf).SelectMany(g => g.Chunk(parts.Outputs < OutputsOfMany ? RoundedTogether : 2 * RoundedTogether))];
        Parallel.ForEach(batches, outputs =>
        {
            if (roundings[parts.GroupOf(outputs[0])] is not { } rounding) return;
            var channels = new RoundedChannels(outputs.Length, parts.PerOutput);
            for (int c = 0; c < outputs.Length; c++)
            {
                parts.Gather<float>(weights, outputs[c], channels.WeightsOf(c));
                channels.Scales[c] = scales[parts.ChannelOf(outputs[c])];
            }
            rounding.Round(channels, top, shared, improve);
            if (pairs is { } limited && !shared) PairLimit.Keep(limited, channels, again => rounding.Round(again, top, keepScale: true, improve));
            for (int c = 0; c < outputs.Length; c++)
            {
                if (!shared) scales[parts.ChannelOf(outputs[c])] = channels.Scales[c];
                parts.Scatter<short>(channels.RoundedOf(c), outputs[c], values);
            }
        });
        return new QuantizedWeights(values, ImmutableArray.Create(scales), layout, bits, !_options.PerChannel);
    }

    /// <summary>How much less each output channel is on average: Σ (w − ŵ) · E[x].</summary>
    private static double[] MeanLoss(float[] weights, QuantizedWeights quantized, ChannelParts parts, ImmutableArray<SecondMoment> moments)
    {
        float[] kept = new float[weights.Length], before = new float[parts.PerOutput], after = new float[parts.PerOutput];
        quantized.Dequantize(kept);
        double[][] means = [.. moments.Select(m => m.Mean())];
        double[] loss = new double[parts.Outputs];
        for (int o = 0; o < loss.Length; o++)
        {
            parts.Gather<float>(weights, o, before);
            parts.Gather<float>(kept, o, after);
            double[] mean = means[parts.GroupOf(o)];
            for (int i = 0; i < before.Length; i++) loss[o] += ((double)before[i] - after[i]) * mean[i];
        }
        return loss;
    }
}
