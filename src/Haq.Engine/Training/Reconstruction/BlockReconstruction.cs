using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>
/// Learns the rounding of low-bit weights block by block, so that every block, fed with what the quantized network before it makes, gives what the float network has there (Nagel et al. 2020,
/// AdaRound; Li et al. 2021, BRECQ). No labels. A block keeps its new numbers only where they are better on samples that were held out. Same input, seed and threads, same bits.
/// </summary>
public sealed class BlockReconstruction
{
    /// <summary>Every so many samples one is held out.</summary>
    private const int HeldOut = 8;

    private readonly QuantizableModel _model;
    private readonly ReconstructionOptions _options;
    private readonly IDataset _data;

    private BlockReconstruction(QuantizableModel model, IDataset data, ReconstructionOptions options) => (_model, _data, _options) = (model, data, options);

    /// <summary>Reconstructs every block that has weights of at most <see cref="ReconstructionOptions.MostBits"/> bits.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="start">Its numbers under a policy.</param>
    /// <param name="data">Samples; labels are not looked at.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how many blocks of how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HaqException">The model fails (HAQ0310, HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ReconstructionResult Run(
        QuantizableModel model, QuantizedModel start, IDataset data, ReconstructionOptions options, IProgress<(int Done, int All)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(options);
        var reconstruction = new BlockReconstruction(model, data, options);
        var blocks = BlockFinder.Find(model).Where(b => b.Layers.Any(l => RoundingGraph.Learns(start.Layers[l.Layer.Index], options))).ToArray();
        var done = new List<ReconstructedBlock>();
        var warnings = new List<Diagnostic>();
        var current = start;
        var covered = blocks.SelectMany(b => b.Layers).Select(l => l.Layer.Index).ToHashSet();
        if (start.Layers.FirstOrDefault(l => RoundingGraph.Learns(l, options) && !covered.Contains(l.Found.Layer.Index)) is { } left)
            warnings.Add(Skipped(model, left.Found.Name, "several tensors run beside it through the whole network, so that it belongs to no block"));
        foreach (var block in blocks)
        {
            progress?.Report((done.Count, blocks.Length));
            var (next, result) = reconstruction.Reconstruct(block, current, warnings, cancellation);
            current = next;
            if (result is not null) done.Add(result);
        }
        return new ReconstructionResult(current, [.. done], [.. warnings]);
    }

    /// <summary>The layer's weights are among those that are rounded anew.</summary>
    public static bool Learns(QuantizedLayer layer, ReconstructionOptions options) => RoundingGraph.Learns(layer, options);

    private (QuantizedModel Model, ReconstructedBlock? Result) Reconstruct(NetworkBlock block, QuantizedModel current, List<Diagnostic> warnings, CancellationToken cancellation)
    {
        var part = PartOfModel.Of(_model, block.Input, block.Output);
        QuantizedLayer[] layers = [.. block.Layers.Select(l => current.Layers[l.Layer.Index])];
        var graph = RoundingGraph.Build(part, block.Output, layers, l => _model.View.Floats(l.Found.Weight)!, _options, out string? obstacle);
        using var samples = graph is null ? null : Gather(block, current, cancellation);
        if (graph is null || samples is null || samples.Count < 2 * HeldOut)
        {
            string reason = obstacle is not null ? $"no gradient passes {obstacle}" : samples is not null ? $"{samples.Count} samples are too few" : "its tensors have no row per sample";
            warnings.Add(Skipped(_model, block.Layers[0].Name, reason));
            return (current, null);
        }
        double before = ErrorOf(part, current, layers, samples, cancellation);
        using var run = new TrainingRun(graph.Graph, graph.Parameters, graph.FixedScales, OptimizerKind.Adam, _options.Kernels, _options.Threads, _model.Float.Name);
        foreach (var quantizer in graph.Quantizers) run.Set(quantizer.Settings, quantizer.SettingsFor(layers.First(l => l.Found.Layer.Index == quantizer.Layer)).AsSpan());
        Learn(graph, run, samples, new SeededRandom(_options.Seed).Fork(block.Output), cancellation);
        var scales = graph.Quantizers.ToDictionary(q => q.Tensor, q => run.Values(q.Scale)[0], StringComparer.Ordinal);
        QuantizedLayer[] learned = [.. layers.Select(l => Learned(l, run, graph, scales))];
        double after = ErrorOf(part, current, learned, samples, cancellation);
        var result = new ReconstructedBlock([.. block.Layers.Select(l => l.Name)], before, after);
        return (result.Kept ? With(current, learned) : current, result);
    }

    private BlockSamples? Gather(NetworkBlock block, QuantizedModel current, CancellationToken cancellation)
    {
        long bytes = sizeof(float) * (_model.Shapes[block.Input].Count + _model.Shapes[block.Output].Count) / Math.Max(1, _model.Shapes.Batch);
        int count = (int)Math.Clamp(_options.Memory / Math.Max(1, bytes), 2 * HeldOut, _options.Samples);
        var settings = new SessionSettings { Threads = _options.Threads, KeepQuantizationAsWritten = true };
        using var original = new OrtSession(PartOfModel.Of(_model, null, block.Output), settings);
        bool isInput = _model.View.Inputs.Any(i => i.Name == block.Input);
        using var quantized = isInput ? null : new OrtSession(Quantized(PartOfModel.Of(_model, null, block.Input), current, current.Layers), settings);
        return BlockSamples.Gather(quantized, original, block.Input, _data, count, cancellation);
    }

    private void Learn(RoundingGraph graph, TrainingRun run, BlockSamples samples, SeededRandom random, CancellationToken cancellation)
    {
        int[] trained = [.. Enumerable.Range(0, samples.Count).Where(i => i % HeldOut != 0)];
        // Cosine's mean is one half, and Adam moves a number by at most about the rate per step.
        var options = new FineTuneOptions { LearningRate = 2 * _options.Reach / _options.Steps, Schedule = RateSchedule.Cosine, Optimizer = OptimizerKind.Adam };
        var input = run.Input(graph.Forward.Inputs[0].Name).Values<float>();
        var target = run.Values(Losses.Target);
        int width = input.Length / graph.Batch, outputs = target.Length / graph.Batch, at = 0;
        int[] order = random.Permutation(trained.Length);
        for (int step = 0; step < _options.Steps; step++)
        {
            for (int row = 0; row < graph.Batch; row++)
            {
                if (at == order.Length) (order, at) = (random.Permutation(trained.Length), 0);
                int sample = trained[order[at++]];
                samples.Inputs.Read(sample, input[(row * width)..]);
                samples.Targets.Read(sample, target[(row * outputs)..]);
            }
            run.Set(OptimizerNodes.Settings, Schedules.Settings(options, step, _options.Steps, 1));
            run.Step(cancellation);
        }
    }

    private static QuantizedLayer Learned(QuantizedLayer layer, TrainingRun run, RoundingGraph graph, Dictionary<string, float> activations)
    {
        var learned = layer;
        var names = graph.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (layer.Activation is { } activation
            && activations.TryGetValue(layer.Found.Input, out float scale))
        {
            learned = learned with { Activation = new Quantizer(scale, activation.ZeroPoint, activation.Range) };
        }

        if (names.Contains(RoundingGraph.UnitsOf(layer)))
        {
            var (weights, range) = (layer.Weights!, IntegerRange.Symmetric(layer.Weights!.Bits));
            var units = run.Values(RoundingGraph.UnitsOf(layer));
            short[] values = new short[units.Length];
            for (int i = 0; i < units.Length; i++) values[i] = (short)Math.Clamp(MathF.Round(units[i]), range.Min, range.Max);
            var scales = run.Values(RoundingGraph.ScalesOf(layer));
            ImmutableArray<float> kept = weights.IsPerTensor ? [.. Enumerable.Repeat(scales[0], weights.Layout.Channels)] : [.. scales];
            learned = learned with { Weights = new QuantizedWeights(values, kept, weights.Layout, weights.Bits, weights.IsPerTensor) };
        }
        if (layer.Bias is null) return learned;
        float[] bias = names.Contains(TrainingGraph.BiasName(layer)) ? run.Values(TrainingGraph.BiasName(layer)).ToArray() : [.. layer.Bias.Values];
        return learned.WithBias([.. bias.Select(b => (double)b)]);
    }

    /// <summary>The error of the block as it would be exported, on held-out samples, over the mean square of the float block's output.</summary>
    private double ErrorOf(OnnxModel part, QuantizedModel current, IReadOnlyList<QuantizedLayer> layers, BlockSamples samples, CancellationToken cancellation)
    {
        using var session = new OrtSession(Quantized(part, current, layers), new SessionSettings { Threads = _options.Threads, KeepQuantizationAsWritten = true });
        long[] shape = [1, .. _model.Shapes[part.Graph.Input[0].Name].Shape.Skip(1)];
        double error = 0;
        long values = 0;
        float[] entering = new float[samples.Inputs.Width], should = new float[samples.Targets.Width];
        for (int sample = 0; sample < samples.Count; sample += HeldOut)
        {
            cancellation.ThrowIfCancellationRequested();
            samples.Inputs.Read(sample, entering);
            samples.Targets.Read(sample, should);
            using var x = OrtTensor.Of<float>(entering, shape);
            using var y = session.Run(new Dictionary<string, OrtTensor> { [part.Graph.Input[0].Name] = x })[0];
            var given = y.Values<float>();
            for (int i = 0; i < should.Length; i++) error += ((double)given[i] - should[i]) * ((double)given[i] - should[i]);
            values += should.Length;
        }
        return samples.Power is var power && power > 0 ? error / values / power : error / values;
    }

    private static OnnxModel Quantized(OnnxModel part, QuantizedModel current, IEnumerable<QuantizedLayer> layers)
    {
        var nodes = part.Graph.Node.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        return QdqExporter.Export(new QuantizedModel(part, current.Policy, [.. layers.Where(l => nodes.Contains(l.Found.Name))]));
    }

    private static QuantizedModel With(QuantizedModel model, IEnumerable<QuantizedLayer> layers)
    {
        var changed = model.Layers.ToBuilder();
        foreach (var layer in layers) changed[layer.Found.Layer.Index] = layer;
        return model with { Layers = changed.MoveToImmutable() };
    }

    private static Diagnostic Skipped(QuantizableModel model, string layer, string reason) =>
        DiagnosticCatalog.BlockNotReconstructed.At(new SourceLocation(model.Float.Name), $"the block that begins with '{layer}' keeps its second-order rounding: {reason}.");
}
