using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization;
using Haq.Engine.Training;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Second-order scores without labels: s[l, c] = ½ · E Σ (∂L/∂y ⊙ (y_c − y))², where y is a layer's output, y_c the same with one choice of bits, and L the KL divergence from the network's
/// own output; the sum over a sample is the diagonal of the Fisher information matrix at y. One forward and one backward pass give the gradients of all layers, then every choice runs
/// through its own layer only: tens of times cheaper than measuring each choice through the whole network.
/// </summary>
/// <remarks>
/// Where the output is no distribution over classes, L is the squared error relative to the output's power. What values of one tensor do to each other is not seen: the diagonal
/// overrates or underrates the damage by a factor of its own for each layer, and ranks choices nearly as well as measuring does.
/// </remarks>
public sealed class FisherScorer : ISensitivityScorer
{
    private const int BatchBytes = 128 << 20;
    private const int MostRows = 32;

    private readonly PostTrainingQuantizer _quantizer;
    private readonly IDataset _data;
    private readonly SeededRandom _random;
    private readonly string? _output;
    private readonly int _threads;

    /// <summary>A scorer on the samples of <paramref name="data"/>, which stays the caller's.</summary>
    /// <param name="quantizer">The network and its quantizers.</param>
    /// <param name="data">Samples; labels are not looked at.</param>
    /// <param name="random">Draws the classes whose gradients are taken.</param>
    /// <param name="output">The output that the loss looks at; null for the first.</param>
    /// <param name="threads">Threads inside one operator; 0 for the usual number.</param>
    public FisherScorer(PostTrainingQuantizer quantizer, IDataset data, SeededRandom random, string? output = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        (_quantizer, _data, _random, _output, _threads) = (quantizer, data, random, output, threads);
    }

    /// <summary>The loss looks at the other outputs as well, each by its error relative to its power.</summary>
    public bool EveryOutput { get; init; }

    /// <inheritdoc/>
    /// <exception cref="HaqException">The gradient of a layer cannot be had (HAQ0503, HAQ0703), or the network cannot be run for a batch (HAQ0701, HAQ0702).</exception>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var model = _quantizer.Model;
        using var gradients = new LayerGradients(model.Float, model.Layers, Rows(model, _data), _output, InputShapes(_data), _threads, EveryOutput);
        if (gradients.Obstacles is [var first, ..]) throw StreamedGradients.ObstacleError(model.Float.Name, first);
        using var local = new LocalForwards(_quantizer, choices, groups, weighted: true);
        using var batch = new Batch(_data, gradients.Batch);
        var random = _random.Fork("classes");
        double power = 0;
        int samples = 0;
        for (int from = 0; from < _data.Count; from += batch.Rows)
        {
            batch.Fill(_data, [.. Enumerable.Range(from, Math.Min(batch.Rows, _data.Count - from))]);
            for (int i = 0; i < batch.Names.Length; i++) batch.Inputs[i].Bytes.CopyTo(gradients.Input(batch.Names[i]).Bytes);
            gradients.Run(random, cancellation);
            local.Run(gradients.InputTensor, gradients.GradientTensor, batch.Count, batch.Rows, cancellation);
            power += gradients.OutputPower * batch.Count;
            samples += batch.Count;
        }
        // KL(p ‖ p + Δ) ≈ ½ Δᵀ F Δ; the loss of other outputs is their squared error over their power. Of several outputs the gradients are relative already.
        double scale = gradients.IsDistribution ? 0.5 : gradients.IsRelative || !(power > 0) ? 1 : samples / power;
        return local.Table("fisher", groups, (changes, _) => scale * changes.Average());
    }

    /// <summary>How many samples go through a network at a time: inputs, outputs and gradients of all layers are in memory at once.</summary>
    internal static int Rows(QuantizableModel model, IDataset data)
    {
        long bytes = model.Layers.Sum(l => (l.Layer.Shape.InputElements + 2 * l.Layer.Shape.OutputElements) * sizeof(float));
        return Batches.SizeFor(data, (int)Math.Clamp(BatchBytes / Math.Max(1, bytes), 1, Math.Min(MostRows, Math.Max(1, data.Count))));
    }

    /// <summary>The extents of a sample's inputs.</summary>
    internal static Dictionary<string, long[]> InputShapes(IDataset data) => data.Inputs.ToDictionary(i => i.Name, i => i.Shape.ToArray(), StringComparer.Ordinal);
}
