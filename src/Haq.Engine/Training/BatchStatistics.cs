using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Data;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>
/// Measures the statistics of batch normalization again, on training data that runs through the quantized network. A normalization in the graph gets them as they are. One that was
/// folded into its convolution, here or by whoever exported the model, had made the convolution's output what the float network's still is: mean m and deviation σ of every
/// channel. The quantized one's, m' and σ', are brought back to them, ŷ = (y − m')·σ/σ' + m, by scaling the weights' scales and moving the bias, so that the integers stay.
/// </summary>
internal sealed class BatchStatistics
{
    private const int MostSamples = 1024;

    // Fewer numbers per channel and batch are no statistic.
    private const int LeastCount = 16;

    // A channel that hardly moves any more is not blown up to more than this.
    private const float MostGain = 10;

    private readonly QuantizedModel _start;
    private readonly IDataset _training;
    private readonly FineTuneOptions _options;
    private readonly Dictionary<string, int> _folded;
    private readonly HashSet<string> _normalizations;
    private Dictionary<string, Moments>? _float;

    public BatchStatistics(QuantizedModel start, IDataset training, FineTuneOptions options)
    {
        (_start, _training, _options) = (start, training, options);
        var view = new GraphView(start.Model);
        _normalizations = view.Order.Where(n => IsNormalization(n) && n.Input.Skip(3).All(i => view.IsInitializer(i) && view.ConsumersOf(i).Count == 1))
            .Select(n => n.Output[0]).ToHashSet(StringComparer.Ordinal);
        _folded = start.Layers.Where(l => CanScale(view, l) && !view.ConsumersOf(l.Found.Output).Any(IsNormalization)).ToDictionary(l =>
            l.Found.Output, l => l.Found.Layer.Index, StringComparer.Ordinal);
    }

    /// <summary>The network with statistics of its own.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public QuantizedModel Apply(QuantizedModel tuned, CancellationToken cancellation)
    {
        _float ??= Measure(_start.Model, null, cancellation);
        var measured = Measure(QdqExporter.Export(tuned), _float, cancellation);
        var layers = tuned.Layers.ToBuilder();
        var constants = tuned.Constants.ToBuilder();
        var view = new GraphView(tuned.Model);
        foreach (var (output, index) in _folded)
            if (measured.TryGetValue(output, out var now)) layers[index] = Rescale(layers[index], BiasPlace.Of(view, layers[index].Found)!.Values, _float[output], now);
        foreach (var node in tuned.Model.Graph.Node.Where(n => _normalizations.Contains(n.Output[0]) && measured.ContainsKey(n.Output[0])))
            (constants[node.Input[3]], constants[node.Input[4]]) = ([.. measured[node.Output[0]].Mean], [.. measured[node.Output[0]].Variance]);
        return tuned with { Layers = layers.ToImmutable(), Constants = constants.ToImmutable() };
    }

    private static bool IsNormalization(NodeProto node) => node.Is(OpNames.BatchNormalization) && node.Int("training_mode", 0) == 0;

    private static bool CanScale(GraphView view, QuantizedLayer layer) =>
        layer is { Weights: { IsPerTensor: false } weights, Found: { SharesWeightWith.IsEmpty: true } found } && found.Node.OpType is OpNames.Conv or OpNames.ConvTranspose
        && weights.Layout.Channels == found.Layer.Shape.Out && BiasPlace.Of(view, found) is not null;

    private static QuantizedLayer Rescale(QuantizedLayer layer, float[]? own, Moments before, Moments now)
    {
        var weights = layer.Weights!;
        float[] bias = layer.Bias?.Values.ToArray() ?? own ?? new float[weights.Layout.Channels], scales = [.. weights.Scales];
        for (int c = 0; c < scales.Length; c++)
        {
            float gain = before.Variance[c] > 0 ? MathF.Sqrt(before.Variance[c] / Math.Max(now.Variance[c], before.Variance[c] / (MostGain * MostGain))) : 1;
            scales[c] *= gain;
            bias[c] = before.Mean[c] + (bias[c] - now.Mean[c]) * gain;
        }
        var rescaled = layer with { Weights = new QuantizedWeights(weights.Values, ImmutableArray.Create(scales), weights.Layout, weights.Bits) };
        return rescaled with { Bias = TunedLayers.BiasOf(rescaled, bias) };
    }

    // One pass over the data. Every layer sees what the layers before it give once theirs are corrected, by the statistics of the batch, as in training.
    private Dictionary<string, Moments> Measure(OnnxModel model, Dictionary<string, Moments>? target, CancellationToken cancellation)
    {
        var forward = ForwardGraph.Read(model, _options.Batch, _options.InputShapes, _options.Example);
        var g = new GraphBuilder(Math.Max(GraphBuilder.LeastOpset, model.OpsetOf()));
        var measured = new Dictionary<string, (Value Mean, Value Variance)>(StringComparer.Ordinal);
        var corrected = new Dictionary<string, Value>(StringComparer.Ordinal);
        forward.Write(g, ImmutableHashSet<string>.Empty, node =>
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (_folded.ContainsKey(node.Input[i]) && Statistics(node.Input[i], g[node.Input[i]]) is { } own && target is not null)
                    node.Reading(i, (corrected.TryGetValue(node.Input[i], out var done) ? done : corrected[node.Input[i]] = Correct(g, g[node.Input[i]], own, target[node.Input[i]])).Name);
            }

            if (target is null || !_normalizations.Contains(node.Output[0]) || Statistics(node.Output[0], g[node.Input[0]]) is not { } batch) return;
            int channels = (int)batch.Mean.Count;
            node.Reading(3, g.Reshape(batch.Mean, channels).Name).Reading(4, g.Reshape(batch.Variance, channels).Name);
        });
        foreach (var (mean, variance) in measured.Values)
        {
            g.Output(mean);
            g.Output(variance);
        }
        if (measured.Count == 0) return [];
        using var session = new OrtSession(new OnnxModel(g.ToModel(), model.Name), new SessionSettings { Threads = _options.Threads });
        return Average(session, forward, measured, cancellation);

        (Value Mean, Value Variance)? Statistics(string name, Value x)
        {
            if (measured.TryGetValue(name, out var known)) return known;
            if (x.Rank < 2 || x.Count / x.Shape[1] < LeastCount) return null;
            int[] axes = [0, .. Enumerable.Range(2, x.Rank - 2)];
            var mean = g.Mean(x, axes);
            var centred = x - mean;
            return measured[name] = (mean, g.Mean(centred * centred, axes));
        }
    }

    private static Value Correct(GraphBuilder g, Value x, (Value Mean, Value Variance) own, Moments target)
    {
        Value PerChannel(IEnumerable<float> values) => g.Tensor(values.ToArray(), [.. own.Mean.Shape]);
        var least = PerChannel(target.Variance.Select(v => Math.Max(v / (MostGain * MostGain), 1e-30f)));
        var gain = g.Unary("Sqrt", PerChannel(target.Variance) / g.Binary("Max", own.Variance, least));
        return (x - own.Mean) * gain + PerChannel(target.Mean);
    }

    // The mean over batches of the batches' statistics.
    private Dictionary<string, Moments> Average(OrtSession session, ForwardGraph forward, Dictionary<string, (Value Mean, Value Variance)> measured, CancellationToken cancellation)
    {
        int batches = Math.Max(1, Math.Min(MostSamples, _training.Count) / forward.Batch);
        int[] samples = new SeededRandom(_options.Seed).Fork("batch statistics").Permutation(_training.Count)[..(batches * forward.Batch)];
        var sums = measured.ToDictionary(m => m.Key, m => (Mean: new double[m.Value.Mean.Count], Variance: new double[m.Value.Mean.Count]), StringComparer.Ordinal);
        string[] names = [.. measured.Values.SelectMany(m => new[] { m.Mean.Name, m.Variance.Name })];
        var feeds = forward.Inputs.ToDictionary(i => i.Name, i => OrtTensor.Zeros(i.Type, i.Shape.AsSpan()), StringComparer.Ordinal);
        try
        {
            int filled = 0;
            foreach (var batch in Batches.InOrder(_training, samples, forward.Batch, cancellation))
            {
                foreach (var (name, tensor) in feeds) TrainingFeed.Copy(batch, name, tensor, filled, forward.Batch);
                filled += batch.Count;
                if (filled < forward.Batch) continue;
                filled = 0;
                var results = session.Run(feeds, names);
                int at = 0;
                foreach (var (mean, variance) in measured.Keys.Select(k => sums[k]))
                {
                    Add(mean, results[at++], batches);
                    Add(variance, results[at++], batches);
                }
            }
        }
        finally
        {
            foreach (var tensor in feeds.Values) tensor.Dispose();
        }
        return sums.ToDictionary(s => s.Key, s => new Moments([.. s.Value.Mean.Select(v => (float)v)], [.. s.Value.Variance.Select(v => (float)v)]), StringComparer.Ordinal);
    }

    private static void Add(double[] sum, OrtTensor tensor, int batches)
    {
        using (tensor)
        {
            var values = tensor.Values<float>();
            for (int i = 0; i < sum.Length; i++) sum[i] += values[i] / (double)batches;
        }
    }

    private sealed record Moments(float[] Mean, float[] Variance);
}
