using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Every choice of every layer, run through that layer alone: the size of what it changes at the layer's output, sample by sample, gathered over batches. Layers run side by
/// side, each on one thread, so results do not depend on the number of cores. Not safe for concurrent use.
/// </summary>
internal sealed class LocalForwards : IDisposable
{
    private readonly PostTrainingQuantizer _quantizer;
    private readonly ImmutableArray<Choice>[] _choices;
    private readonly LayerPerturbation?[] _layers;
    private readonly bool _weighted;

    /// <summary>Prepares the choices of layers, with the numbers that <paramref name="quantizer"/> gives them.</summary>
    public LocalForwards(PostTrainingQuantizer quantizer, IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, bool weighted)
    {
        (_quantizer, _weighted) = (quantizer, weighted);
        _layers = new LayerPerturbation[choices.Count];
        _choices = [.. choices.Select(c => ChoicesOf(c).ToImmutableArray())];
        FillWeights(choices, ProbeScorer.Widest(choices, groups));
    }

    /// <summary>
    /// Runs all choices on one batch. <paramref name="input"/> and <paramref name="gradient"/> give a layer's tensors; <paramref name="count"/> rows are samples, of
    /// <paramref name="rows"/> in the batch. A layer without a gradient changes nothing that matters.
    /// </summary>
    /// <exception cref="HaqException">ONNX Runtime cannot run a layer by itself.</exception>
    public void Run(Func<int, OrtTensor> input, Func<int, OrtTensor?> gradient, int count, int rows, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, _layers.Length, new ParallelOptions { CancellationToken = cancellation }, layer => RunOne(layer, input, gradient, count, rows));
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is HaqException cause)
        {
            throw new HaqException(cause.Diagnostic, e);
        }
    }

    private void RunOne(int layer, Func<int, OrtTensor> input, Func<int, OrtTensor?> gradient, int count, int rows)
    {
        if (_choices[layer].IsEmpty) return;
        var g = gradient(layer);
        if (_weighted && g is null)
        {
            foreach (var choice in _choices[layer]) choice.Add(new double[rows], new double[rows], count, rows);
            return;
        }
        var model = _quantizer.Model;
        var found = model.Layers[layer];
        var perturbation = _layers[layer] ??= new LayerPerturbation(model.View, found, (int)model.Float.OpsetOf());
        var x = input(layer);
        double[] signal = perturbation.OfInput(x, g);
        // One room for all widths: what large blocks cost is that the system clears their pages.
        using var change = OrtTensor.Zeros(DataType.Float, x.Shape.AsSpan());
        foreach (var choice in _choices[layer])
        {
            if (choice.WeightChange is { } weights)
            {
                choice.Add(perturbation.OfWeights(x, weights.Values(), weights.Bias, g), signal, count, rows);
            }
            else
            {
                choice.Add(ChangesInput(found.Input, x, choice.Width, change) ? perturbation.OfInput(change, g) : new double[signal.Length], signal, count, rows);
            }
        }
    }

    /// <summary>
    /// The table of what <paramref name="read"/> makes of a choice's samples, given the size of its change and of the layer's own output, by sample. A group's activations are
    /// the sum over its members, at the first.
    /// </summary>
    public SensitivityTable Table(string method, ImmutableArray<ImmutableArray<int>> groups, Func<IReadOnlyList<double>, IReadOnlyList<double>, double> read)
    {
        double[] weights = SensitivityTable.Unscored(_layers.Length), activations = SensitivityTable.Unscored(_layers.Length);
        foreach (var group in groups)
        {
            foreach (int layer in group)
            {
                foreach (var choice in _choices[layer])
                {
                    double score = read(choice.Changes, choice.Signals);
                    if (!double.IsFinite(score)) score = double.MaxValue / (4.0 * _layers.Length);
                    int own = layer * SensitivityTable.MaxBits + choice.Width - 1, shared = group[0] * SensitivityTable.MaxBits + choice.Width - 1;
                    if (choice.WeightChange is not null) weights[own] = score;
                    else if (layer == group[0]) activations[own] = score;
                    else (activations[shared], activations[own]) = (activations[shared] + score, 0);
                }
            }
        }
        return new SensitivityTable(weights, activations) { Method = method };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers) layer?.Dispose();
    }

    // What stays in floating point does no harm and has no place in the table.
    private static IEnumerable<Choice> ChoicesOf(LayerBits[] bits) =>
        bits.Select(b => b.Weights).Distinct().Where(w => w.IsQuantized()).Select(w => new Choice(w, isWeights: true))
            .Concat(bits.Select(b => b.Activations).Distinct().Where(a => a.IsQuantized()).Select(a => new Choice(a, isWeights: false)));

    // All layers at one width together, because the quantizer works on whole policies; biases are those for the widest activations.
    private void FillWeights(IReadOnlyList<LayerBits[]> choices, Policy widest)
    {
        foreach (var width in choices.SelectMany(c => c.Select(b => b.Weights)).Distinct())
        {
            var policy = new Policy([.. choices.Select((c, i) => widest[i] with { Weights = c.Any(b => b.Weights == width) ? width : widest[i].Weights })]);
            var quantized = _quantizer.Quantize(policy);
            for (int layer = 0; layer < choices.Count; layer++)
            {
                if (_choices[layer].FirstOrDefault(c => c.IsWeights && c.Width == width) is { } choice)
                    choice.WeightChange = WeightChange.Of(_quantizer.Model.View, quantized.Layers[layer]);
            }
        }
    }

    private bool ChangesInput(string tensor, OrtTensor x, Bitwidth width, OrtTensor change)
    {
        if (!width.IsQuantized()) return false;
        _quantizer.Calibration.For(tensor, width).Errors(x.Values<float>(), change.Values<float>());
        return true;
    }

    private sealed class Choice(Bitwidth width, bool isWeights)
    {
        public Bitwidth Width { get; } = width;

        public bool IsWeights { get; } = isWeights;

        public WeightChange? WeightChange { get; set; }

        public List<double> Changes { get; } = [];

        public List<double> Signals { get; } = [];

        // A layer may have several rows for a sample, for example one for each position of a sequence.
        public void Add(double[] changes, double[] signals, int count, int rows)
        {
            int each = changes.Length / rows;
            for (int sample = 0; sample < count; sample++)
            {
                Changes.Add(changes.AsSpan(sample * each, each).ToArray().Sum());
                Signals.Add(signals.AsSpan(sample * each, each).ToArray().Sum());
            }
        }
    }
}
