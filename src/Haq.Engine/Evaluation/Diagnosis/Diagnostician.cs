using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>
/// Finds out which layer broke a quantized network: measures the whole with each layer back in float and with each layer quantized alone, and every layer's own noise. For one caller at a time.
/// </summary>
public sealed class Diagnostician
{
    /// <summary>Samples for the layers' own noise; a layer makes many values of each.</summary>
    private const int NoiseSamples = 16;

    /// <summary>Tensors of a network that are compared in one run, in values.</summary>
    private const long ComparedValues = 8L << 20;

    private readonly PostTrainingQuantizer _quantizer;
    private readonly QuantizedModel _quantized;
    private readonly EvaluationSet _set;
    private readonly IDataset _data;
    private readonly DamageMeasurements _measurements;
    private readonly LayerVariants _variants;

    /// <summary>A diagnosis of <paramref name="quantized"/>.</summary>
    /// <param name="quantizer">What made it, or what its numbers started from.</param>
    /// <param name="quantized">The network's numbers.</param>
    /// <param name="set">What the loss is measured on; stays the caller's.</param>
    /// <param name="data">The samples of <paramref name="set"/>, for the layers' own noise.</param>
    /// <param name="measurements">What measures the network with layers in floating point; null for this process.</param>
    public Diagnostician(PostTrainingQuantizer quantizer, QuantizedModel quantized, EvaluationSet set, IDataset data, DamageMeasurements? measurements = null)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        (_quantizer, _quantized, _set, _data) = (quantizer, quantized, set, data);
        (_measurements, _variants) = (measurements ?? DamageMeasurements.Here(quantizer, quantized, set), new LayerVariants(quantized));
    }

    /// <summary>Runs it.</summary>
    /// <param name="damage">
    /// Measure the network once with each layer back in float and once with each alone, the noisiest layers first, as long as this says so; it is asked before each layer.
    /// </param>
    /// <param name="widths">Widths at which the damage of each layer's weights and input is measured too; empty for none.</param>
    /// <param name="progress">Told how many layers are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public NetworkDiagnosis Run(Func<bool> damage, IReadOnlyList<int> widths, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(damage);
        ArgumentNullException.ThrowIfNull(widths);
        PolicyScore? whole = null;
        var noises = Noises(cancellation);
        double?[] path = Path(cancellation);
        var layers = new List<LayerDiagnosis>();
        QuantizedLayer[] order = [.. _quantized.Layers.OrderByDescending(l => noises[3 * l.Found.Layer.Index].Share)];
        Announce(_measurements.Probes, order.SelectMany(l => widths.SelectMany(bits => (Policy[])[Probe(l, bits, weights: true), Probe(l, bits, weights: false)])));
        bool isAnnounced = false;
        foreach (var layer in order)
        {
            int index = layer.Found.Layer.Index;
            bool isMeasured = damage();
            if (isMeasured) whole ??= _measurements.Variants.Evaluate(_variants.Whole, cancellation);
            if (isMeasured != isAnnounced)
                Announce(_measurements.Variants, isMeasured ? order.Skip(layers.Count).SelectMany(l => (Policy[])[_variants.Without(l), _variants.Alone(l)]) : []);
            isAnnounced = isMeasured;
            var seen = layer.Activation is { } activation ? InputDiagnosis.Of(_quantizer.Calibration.HistogramOf(layer.Found.Input), activation) : null;
            layers.Add(new LayerDiagnosis
            {
                Layer = index,
                Bits = layer.Bits,
                GivenBack = !isMeasured ? null : whole!.Loss - _measurements.Variants.Evaluate(_variants.Without(layer), cancellation).Loss,
                Alone = !isMeasured ? null : _measurements.Variants.Evaluate(_variants.Alone(layer), cancellation).Loss,
                SqnrDb = noises[3 * index].Decibels,
                WeightSqnrDb = noises[3 * index + 1].Decibels,
                InputSqnrDb = noises[3 * index + 2].Decibels,
                PathSqnrDb = path[index],
                Input = seen,
                ChannelSpread = SpreadOf(layer.Found),
                AccumulatorBits = AccumulatorWidth.Of(layer),
                DamageOfWeights = Damage(layer, widths, weights: true, cancellation),
                DamageOfActivations = Damage(layer, widths, weights: false, cancellation),
            });
            progress?.Report(layers.Count);
        }
        return new NetworkDiagnosis(_set.Float, whole, [.. layers.OrderByDescending(l => l.GivenBack).ThenByDescending(l => l.Alone).ThenBy(l => l.Layer)]);
    }

    private static void Announce(IPolicyEvaluator evaluator, IEnumerable<Policy> policies)
    {
        if (evaluator is IForesightedEvaluator { HasForesight: true } foresighted) foresighted.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
    }

    private ImmutableSortedDictionary<int, double> Damage(QuantizedLayer layer, IReadOnlyList<int> widths, bool weights, CancellationToken cancellation) =>
        widths.ToImmutableSortedDictionary(bits => bits, bits => _measurements.Probes.Evaluate(Probe(layer, bits, weights), cancellation).Loss);

    private Policy Probe(QuantizedLayer layer, int bits, bool weights)
    {
        var width = new Bitwidth(bits);
        // Sixteen and more stays out of the way; the layer's own width is what is asked about.
        var probe = Policy.Uniform(_quantized.Layers.Length, new LayerBits(new Bitwidth(32), new Bitwidth(32)));
        if (weights) return probe.With(layer.Found.Layer.Index, probe[layer.Found.Layer.Index] with { Weights = width });
        foreach (var reader in _quantized.Layers.Where(l => l.Found.Input == layer.Found.Input))
            probe = probe.With(reader.Found.Layer.Index, probe[reader.Found.Layer.Index] with { Activations = width });
        return probe;
    }

    private LayerNoise[] Noises(CancellationToken cancellation)
    {
        var variants = new List<LayerVariant>();
        foreach (var layer in _quantized.Layers)
        {
            int index = layer.Found.Layer.Index;
            variants.Add(new LayerVariant(index, layer.Activation, layer.Weights, layer.Bias));
            variants.Add(new LayerVariant(index, null, layer.Weights, layer.Bias));
            variants.Add(new LayerVariant(index, layer.Activation, null, null));
        }
        return LayerProbe.Run(_quantizer.Model, variants, _data, NoiseSamples, LayerProbe.LittleMemory, cancellation);
    }

    /// <summary>The layers' outputs in the two networks side by side, a few layers at a time.</summary>
    private double?[] Path(CancellationToken cancellation)
    {
        var outputs = _quantized.Layers.Select(l => l.Found.Output).ToArray();
        var settings = ExactSessions.For(_quantized.Model);
        using var original = new OrtSession(ModelBuilder.From(_quantizer.Model.Float).Show(outputs).Build(), settings);
        using var changed = new OrtSession(ModelBuilder.From(QdqExporter.Export(_quantized)).Show(outputs).Build(), settings);
        var noises = new LayerNoise[outputs.Length];
        foreach (var batch in Batches.InOrder(_data, Enumerable.Range(0, Math.Min(NoiseSamples, _data.Count)).ToArray(), 1, cancellation))
        {
            for (int from = 0; from < outputs.Length;)
            {
                int to = from;
                for (long values = 0; to < outputs.Length && (to == from || values < ComparedValues); to++) values += _quantized.Layers[to].Found.Layer.Shape.OutputElements;
                var (a, b) = (original.Run(batch.ByName, outputs[from..to]), changed.Run(batch.ByName, outputs[from..to]));
                for (int i = from; i < to; i++)
                {
                    noises[i] += Compare(a[i - from].Values<float>(), b[i - from].Values<float>());
                    a[i - from].Dispose();
                    b[i - from].Dispose();
                }
                from = to;
            }
        }
        return [.. noises.Select(n => n.Decibels)];
    }

    private static LayerNoise Compare(ReadOnlySpan<float> original, ReadOnlySpan<float> changed)
    {
        double signal = 0, noise = 0;
        // Where the extents depend on the values, the two may have picked other rows: there is nothing to compare.
        if (original.Length != changed.Length) return default;
        for (int i = 0; i < original.Length; i++)
        {
            signal += (double)original[i] * original[i];
            noise += ((double)changed[i] - original[i]) * ((double)changed[i] - original[i]);
        }
        return new LayerNoise(signal, noise);
    }

    private double SpreadOf(FoundLayer found)
    {
        float[] weights = _quantizer.Model.View.Floats(found.Weight)!;
        var layout = ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis);
        double[] ranges = new double[layout.Channels];
        for (int i = 0; i < weights.Length; i++) ranges[i / layout.Inner % layout.Channels] = Math.Max(ranges[i / layout.Inner % layout.Channels], Math.Abs(weights[i]));
        Array.Sort(ranges);
        double median = ranges[ranges.Length / 2];
        return median > 0 ? ranges[^1] / median : 1;
    }
}
