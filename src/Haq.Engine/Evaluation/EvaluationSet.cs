using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>
/// A data set with the float model's outputs on it, to compare networks with. Samples and outputs are kept up to a limit, most in temporary files. Every run uses one thread and always the same
/// batches, several at a time, so a score depends neither on the number of cores nor on chance. One caller at a time, but for networks that are opened and scored by batches.
/// </summary>
public sealed class EvaluationSet : IDisposable
{
    private const int SmallSample = 1 << 14;

    private readonly IDataset _dataset;
    private readonly EvaluationOptions _options;
    private readonly FloatNetwork _float;
    private readonly FloatUse _floatUse;
    private readonly bool _ownsFloat;
    private readonly SampleCache _samples;
    private readonly ReferenceStore _references;
    private readonly OutputWeights _weights;
    private readonly PrefixStore _prefixes;
    private readonly ConditionalWeakTable<OnnxModel, PolicyNetworks> _networks = [];

    /// <summary>Runs the float model once over <paramref name="dataset"/>, which must stay open and is not disposed of.</summary>
    /// <exception cref="HaqException">The output asked for does not exist or is no tensor of numbers (HAQ0501), or its first extent is not the
    /// samples (HAQ0502); the model fails (HAQ0311).</exception>
    public EvaluationSet(OnnxModel model, IDataset dataset, EvaluationOptions? options = null, CancellationToken cancellation = default)
        : this(new FloatNetwork(model ?? throw new ArgumentNullException(nameof(model))), ownsFloat: true, dataset, options, cancellation)
    {
    }

    /// <summary>The same with a session that others use too, which is not disposed of.</summary>
    /// <inheritdoc cref="EvaluationSet(OnnxModel, IDataset, EvaluationOptions?, CancellationToken)"/>
    public EvaluationSet(FloatNetwork model, IDataset dataset, EvaluationOptions? options = null, CancellationToken cancellation = default)
        : this(model ?? throw new ArgumentNullException(nameof(model)), ownsFloat: false, dataset, options, cancellation)
    {
    }

    private EvaluationSet(FloatNetwork network, bool ownsFloat, IDataset dataset, EvaluationOptions? options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var model = network.Model;
        (_float, _floatUse, _ownsFloat, _dataset, _options, Name) = (network, network.Use(), ownsFloat, dataset, options ?? new EvaluationOptions(), model.Name);
        try
        {
            Output = OutputOf(model);
            int wanted = _options.Batch ?? (dataset.Inputs.Sum(i => Elements(i)) <= SmallSample ? 16 : 4);
            _samples = new SampleCache(dataset, Batches.SizeFor(dataset, wanted), _options.SampleMemory, _options.SampleFile);
            _references = new ReferenceStore(_samples.BatchCount, _options.ReferenceMemory, _options.ReferenceFile);
            Outputs = [Output, .. _options.EveryOutput && _samples.BatchCount > 0 ? OthersOf(cancellation) : []];
            _prefixes = new PrefixStore(_options.PrefixMemory, _samples.BatchCount);
            Kind = OutputKind.Values;
            var watch = Stopwatch.StartNew();
            _weights = KeepReferences(cancellation);
            SamplesPerSecond = Count / watch.Elapsed.TotalSeconds;
            FloatSamples = [.. ScoreReferences(cancellation)];
            Float = Summarize(FloatSamples.AsSpan());
            if (_references.IsComplete) CloseFloat();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name of the float model.</summary>
    public string Name { get; }

    /// <summary>The output that is compared, and decides about classes.</summary>
    public string Output { get; }

    /// <summary>All outputs that are compared; that one first.</summary>
    public ImmutableArray<string> Outputs { get; }

    /// <summary>What the output means.</summary>
    public OutputKind Kind { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count => _dataset.Count;

    /// <summary>Number of batches.</summary>
    public int BatchCount => _samples.BatchCount;

    /// <summary>Samples of every batch but the last.</summary>
    public int Rows => _samples.Rows;

    /// <summary>The float model's score.</summary>
    public PolicyScore Float { get; }

    /// <summary>The same sample by sample, for comparisons in pairs.</summary>
    public ImmutableArray<SampleScore> FloatSamples { get; }

    /// <summary>The samples have labels and the network classes, so that there is a top-1.</summary>
    public bool HasTop1 => _dataset.HasLabels && Kind != OutputKind.Values;

    /// <summary>The means of what <see cref="Run(OrtSession, CancellationToken)"/> found.</summary>
    public PolicyScore Summarize(ReadOnlySpan<SampleScore> samples) => Metrics.Summarize(samples, _dataset.HasLabels, Kind);

    /// <summary>How fast the last run was; at first, the float network's.</summary>
    public double SamplesPerSecond { get; private set; }

    /// <summary>Bytes of what first layers made that are kept now.</summary>
    internal long StoredPrefixBytes => _prefixes.Bytes;

    /// <summary>Scores a network with the float model's inputs and outputs.</summary>
    /// <exception cref="HaqException">The network cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PolicyScore Score(OrtSession session, CancellationToken cancellation) => Summarize(Run(session, cancellation));

    /// <summary>Scores a model, for example an exported one, in a session with the given settings: <see cref="SessionSettings.Default"/> for what a user's session gives.</summary>
    /// <exception cref="HaqException">The model cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PolicyScore Score(OnnxModel model, SessionSettings settings, CancellationToken cancellation = default)
    {
        using var session = new OrtSession(model, settings);
        return Score(session, cancellation);
    }

    /// <summary>Scores every sample.</summary>
    /// <exception cref="HaqException">The network cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SampleScore[] Run(OrtSession session, CancellationToken cancellation) => Run(batch => RunOne(session, batch), cancellation);

    /// <summary>Scores the float model once more.</summary>
    internal SampleScore[] RunFloat(CancellationToken cancellation) => Run(FloatSession, cancellation);

    /// <summary>Makes a network of <paramref name="quantized"/>'s float model ready. For several callers.</summary>
    /// <param name="quantized">The policy's numbers.</param>
    /// <param name="reuse">What the same first layers of other policies made is used again.</param>
    internal INetwork Open(QuantizedModel quantized, bool reuse) => NetworksOf(quantized).Open(quantized, reuse, null, FirstBatch);

    /// <summary>Makes a policy's network ready to be compared with other policies, in the form that is faster for a network of its size. For several callers.</summary>
    /// <param name="quantizer">Gives policies their numbers.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="reuse">What the same first layers of other policies made is used again.</param>
    internal INetwork OpenToCompare(PostTrainingQuantizer quantizer, Policy policy, bool reuse) =>
        IntegerConvolutions.AreWorth(quantizer.Model) ? OpenInIntegers(quantizer, policy, reuse) : Open(quantizer.Quantize(policy), reuse);

    /// <summary>
    /// Makes a policy's network ready to be compared with other policies: convolutions add integers where they can, faster and exact, but not the bits of the plain form. For several callers.
    /// </summary>
    /// <param name="quantizer">Gives policies their numbers.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="reuse">What the same first layers of other policies made is used again.</param>
    internal INetwork OpenInIntegers(PostTrainingQuantizer quantizer, Policy policy, bool reuse)
    {
        var quantized = quantizer.Quantize(policy);
        return NetworksOf(quantized).Open(quantized, reuse, () => quantizer.Quantize(EightBits(policy)), FirstBatch);
    }

    /// <summary>Makes ready what is <paramref name="whole"/> but for layers that are in floating point; what the same first layers of other variants made is used again.</summary>
    internal INetwork OpenVariant(QuantizedModel whole, QuantizedModel variant) => NetworksOf(whole).OpenVariant(whole, variant, FirstBatch);

    /// <summary>Scores every sample by the outputs of <paramref name="forward"/>.</summary>
    internal SampleScore[] Run(Func<SampleCache.Slot, OrtTensor[]> forward, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var scores = new SampleScore[Count];
        ForBatches(_samples.InOrder(cancellation), batch => ScoreBatch(forward, batch, scores, batch.First), cancellation);
        SamplesPerSecond = Count / watch.Elapsed.TotalSeconds;
        return scores;
    }

    /// <summary>Scores the samples of some batches on the caller's thread: in the order of the batches, and of the samples within. For several callers.</summary>
    /// <exception cref="HaqException">The network cannot be run (HAQ0311), or a sample cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal SampleScore[] Run(INetwork network, IReadOnlyList<int> batches, CancellationToken cancellation)
    {
        var scores = new List<SampleScore>(batches.Count * Rows);
        foreach (var batch in _samples.Some(batches, cancellation))
        {
            using (batch)
            {
                var each = new SampleScore[batch.Count];
                ScoreBatch(network.Run, batch, each, first: 0);
                scores.AddRange(each);
            }
        }
        return [.. scores];
    }

    /// <summary>Scores a network as far as it takes to see that its loss is above that of another one, whose every sample was scored before.</summary>
    /// <returns>The scores of all samples where it is not; otherwise null for them, and the mean scores of those seen.</returns>
    /// <exception cref="HaqException">The network cannot be run (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal (SampleScore[]? All, PolicyScore Score) Race(Func<SampleCache.Slot, OrtTensor[]> forward, SampleScore[] rival, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var scores = new SampleScore[Count];
        int[] order = LossRace.Order(_samples.BatchCount);
        var race = new LossRace(rival, _samples.Rows, Kind);
        int done = 0;
        foreach (int until in LossRace.Comparisons(order.Length))
        {
            ForBatches(_samples.Some(order[done..until], cancellation), batch => ScoreBatch(forward, batch, scores, batch.First), cancellation);
            done = until;
            if (done == order.Length || !race.IsLost(scores, order.AsSpan(0, done))) continue;
            SampleScore[] seen = [.. order[..done].SelectMany(b => scores.Skip(b * _samples.Rows).Take(_samples.Rows))];
            SamplesPerSecond = seen.Length / watch.Elapsed.TotalSeconds;
            return (null, Summarize(seen) with { StoppedEarly = true });
        }
        SamplesPerSecond = Count / watch.Elapsed.TotalSeconds;
        return (scores, Summarize(scores) with { RaceError = race.ErrorAtEnd(scores) });
    }

    // The same for all policies whose networks have one graph: what is narrower than 8 bits has them.
    private static Policy EightBits(Policy policy) =>
        new([.. policy.Bits.ToArray().Select(b => new LayerBits(Bitwidth.Eight > b.Weights ? Bitwidth.Eight : b.Weights, Bitwidth.Eight > b.Activations ? Bitwidth.Eight : b.Activations))]);

    private PolicyNetworks NetworksOf(QuantizedModel quantized) => _networks.GetValue(quantized.Model, model => new PolicyNetworks(model, Outputs, _prefixes));

    internal SampleCache.Slot FirstBatch() => _samples.InOrder(CancellationToken.None).First();

    private void ScoreBatch(Func<SampleCache.Slot, OrtTensor[]> forward, SampleCache.Slot batch, SampleScore[] scores, int first)
    {
        var outputs = forward(batch).Select(AsFloat).ToArray();
        try
        {
            ScoreBatch(outputs, batch, scores.AsSpan(first, batch.Count));
        }
        finally
        {
            foreach (var output in outputs) output.Dispose();
        }
    }

    private void ScoreBatch(OrtTensor[] outputs, SampleCache.Slot batch, Span<SampleScore> scores)
    {
        float[][] references = ReferencesOf(batch);
        int[] widths = [.. outputs.Select((output, o) => RowOf(output, batch, o))];
        Span<SampleScore> each = new SampleScore[outputs.Length];
        for (int i = 0; i < batch.Count; i++)
        {
            for (int o = 0; o < outputs.Length; o++)
            {
                int width = widths[o], expected = references[o].Length / batch.Count;
                each[o] = Metrics.Score(outputs[o].Values<float>().Slice(i * width, width), references[o].AsSpan(i * expected, expected),
                    o == 0 ? batch.LabelOf(i) : -1, o == 0 ? Kind : OutputKind.Values);
            }
            scores[i] = _weights.Join(each, Kind, _options.Joined);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseFloat();
        _samples?.Dispose();
        _references?.Dispose();
        _prefixes?.Dispose();
    }

    // Open while the references are made, and for as long as some of them have to be made again.
    private OrtSession FloatSession => _floatUse.Session;

    private void CloseFloat()
    {
        _floatUse.Dispose();
        if (_ownsFloat) _float.Dispose();
    }

    private OutputWeights KeepReferences(CancellationToken cancellation)
    {
        bool probabilities = true;
        int classes = 0;
        double[][] powers = new double[_samples.BatchCount][];
        ForBatches(_samples.InOrder(cancellation), batch =>
        {
            var outputs = RunOne(FloatSession, batch);
            var first = outputs[0];
            int width = RowOf(first, batch, 0);
            bool isClassifier = first.Shape.Length >= 2 && first.Shape[1] == width;
            if (!isClassifier || Metrics.KindOf(first.Values<float>()[..(batch.Count * width)], width) != OutputKind.Probabilities) Volatile.Write(ref probabilities, false);
            if (batch.Index == 0) Volatile.Write(ref classes, isClassifier ? width : 0);
            float[][] values = Values(outputs, batch);
            powers[batch.Index] = [.. values.Select(SumOfSquares)];
            _references.Keep(batch.Index, values);
        }, cancellation);
        Kind = _options.Kind ?? (classes < 2 ? OutputKind.Values : probabilities ? OutputKind.Probabilities : OutputKind.Logits);
        return new OutputWeights([.. Outputs.Select((_, o) => powers.Sum(p => p[o]) / Math.Max(1, Count))]);
    }

    private float[][] ReferencesOf(SampleCache.Slot batch) => _references[batch.Index] ?? Values(RunOne(FloatSession, batch), batch);

    // What the float network makes of a batch is the same in every run: against what was kept of it, itself is held.
    private SampleScore[] ScoreReferences(CancellationToken cancellation)
    {
        var scores = new SampleScore[Count];
        ForBatches(_samples.InOrder(cancellation), batch =>
        {
            float[][] references = ReferencesOf(batch);
            Span<SampleScore> each = new SampleScore[references.Length];
            for (int i = 0; i < batch.Count; i++)
            {
                for (int o = 0; o < references.Length; o++)
                {
                    int width = references[o].Length / batch.Count;
                    var row = references[o].AsSpan(i * width, width);
                    each[o] = Metrics.Score(row, row, o == 0 ? batch.LabelOf(i) : -1, o == 0 ? Kind : OutputKind.Values);
                }
                scores[batch.First + i] = _weights.Join(each, Kind, _options.Joined);
            }
        }, cancellation);
        return scores;
    }

    // The rows of samples, without those that only fill a batch.
    private float[][] Values(OrtTensor[] outputs, SampleCache.Slot batch)
    {
        float[][] values = [.. outputs.Select((output, o) => output.Values<float>()[..(batch.Count * RowOf(output, batch, o))].ToArray())];
        foreach (var output in outputs) output.Dispose();
        return values;
    }

    private static double SumOfSquares(float[] values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return sum;
    }

    private string[] OthersOf(CancellationToken cancellation)
    {
        using var first = _samples.InOrder(cancellation).First();
        return [.. OutputWeights.Comparable(FloatSession, first, Output)];
    }

    private void ForBatches(IEnumerable<SampleCache.Slot> batches, Action<SampleCache.Slot> body, CancellationToken cancellation)
    {
        int workers = Math.Clamp(_options.Workers ?? Environment.ProcessorCount, 1, Math.Max(1, _samples.BatchCount));
        try
        {
            Parallel.ForEach(batches, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, slot =>
            {
                using (slot) body(slot);
            });
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is HaqException cause)
        {
            throw new HaqException(cause.Diagnostic, cause);
        }
    }

    private OrtTensor[] RunOne(OrtSession session, SampleCache.Slot batch) => [.. session.Run(batch.Inputs, Outputs).Select(AsFloat)];

    private int RowOf(OrtTensor output, SampleCache.Slot batch, int index)
    {
        // A model without a batch dimension gives one sample's output, whatever its shape.
        if (batch.Rows == 1) return checked((int)output.Count);
        if (output.Shape.Length == 0 || output.Shape[0] != batch.Rows)
        {
            throw DiagnosticCatalog.OutputNotPerSample.Error(Name,
                $"output '{Outputs[index]}' is [{string.Join(',', output.Shape)}] for {batch.Rows} samples, expected {batch.Rows} rows. Choose another with 'output:'; where the inputs' first extent is no batch, store samples that are whole inputs.");
        }

        return checked((int)(output.Count / batch.Rows));
    }

    private string OutputOf(OnnxModel model)
    {
        string name = _options.Output ?? model.MainOutput;
        var found = FloatSession.Outputs.FirstOrDefault(o => o.Name == name)
            ?? throw DiagnosticCatalog.UnknownOutput.Error(Name, $"has no output '{name}'. It has {string.Join(", ", FloatSession.Outputs.Select(o => $"'{o.Name}'"))}.");
        return IsNumeric(found) ? name
            : throw DiagnosticCatalog.UnknownOutput.Error(Name,
                $"output '{name}' is no tensor of numbers. {(FloatSession.Outputs.FirstOrDefault(IsNumeric) is { } other ? $"Choose another with 'output:', for example '{other.Name}'." : "Add one to the model, for example the scores that it is made from.")}");
    }

    private static bool IsNumeric(TensorInfo output) => ElementTypes.IsReal(output.Type) || ElementTypes.IsInteger(output.Type);

    // Outputs of half precision and classes are compared as 32-bit reals.
    private static OrtTensor AsFloat(OrtTensor output)
    {
        if (output.Type == DataType.Float) return output;
        using (output) return OrtTensor.Of<float>(output.ToFloats(), output.Shape.AsSpan());
    }

    private static long Elements(TensorInfo input) => input.Shape.Skip(1).Aggregate(1L, (a, b) => a * Math.Max(1, b));
}
