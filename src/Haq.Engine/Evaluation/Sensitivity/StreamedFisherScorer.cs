using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Haq.Engine.Training;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// The scores of <see cref="FisherScorer"/> for networks too large to have in memory several times: a stretch of layers at a time has its weights, activations and gradients there, from the last to
/// the first, and its choices are scored before the next one is looked at.
/// </summary>
/// <param name="quantizer">The network and its quantizers.</param>
/// <param name="data">Samples, which stay the caller's; labels are not looked at.</param>
/// <param name="random">Draws the classes whose gradients are taken.</param>
/// <param name="output">The output that the loss looks at; null for the first.</param>
/// <param name="threads">Threads inside one operator; 0 for the usual number.</param>
public sealed class StreamedFisherScorer(PostTrainingQuantizer quantizer, IDataset data, SeededRandom random, string? output = null, int threads = 0) : ISensitivityScorer
{
    private static readonly LayerBits[] s_real = [LayerBits.Float];

    /// <summary>The loss looks at the other outputs as well, each by its error relative to its power.</summary>
    public bool EveryOutput { get; init; }

    /// <summary>What is in memory at a time of the network's weights and of what its nodes make, in bytes; a single node may be more.</summary>
    public long StretchBytes { get; init; } = 128L << 20;

    /// <summary>What is kept of all samples between the two passes, in bytes: as many samples are looked at as fit, and at least one batch.</summary>
    public long KeptBytes { get; init; } = 256L << 20;

    /// <inheritdoc/>
    /// <exception cref="HaqException">The gradient of a layer cannot be had (HAQ0503, HAQ0703), or the network cannot be run for a batch (HAQ0701, HAQ0702).</exception>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var model = quantizer.Model;
        using var gradients = new StreamedGradients(
            model.Float, model.Layers, FisherScorer.Rows(model, data), StretchBytes, output, FisherScorer.InputShapes(data), threads, EveryOutput);
        var batches = new List<Batch>();
        try
        {
            long most = Math.Max(1, KeptBytes / Math.Max(1, gradients.BytesPerBatch));
            for (int from = 0; from < data.Count && batches.Count < most; from += gradients.Batch)
            {
                batches.Add(new Batch(data, gradients.Batch));
                batches[^1].Fill(data, [.. Enumerable.Range(from, Math.Min(gradients.Batch, data.Count - from))]);
            }
            gradients.Forward(batches.Select(b => b.ByName), random.Fork("classes"), cancellation);
            double[] weights = SensitivityTable.Unscored(choices.Count), activations = SensitivityTable.Unscored(choices.Count);
            for (int stretch = gradients.Stretches - 1; stretch >= 0; stretch--)
            {
                var own = gradients.LayersOf(stretch);
                ImmutableArray<ImmutableArray<int>> parts = [.. groups.Select(g => g.Where(own.Contains).ToImmutableArray()).Where(g => g.Length > 0)];
                using var local = own.IsEmpty ? null : new LocalForwards(
                    quantizer, [.. choices.Select((c, i) => own.Contains(i) ? c : s_real)], [.. parts, .. groups.SelectMany(g => g).Where(i => !own.Contains(i)).Select(i => ImmutableArray.Create(i))],
                    weighted: true);
                gradients.Backward(stretch, (b, input, gradient) => local?.Run(input, gradient, batches[b].Count, batches[b].Rows, cancellation), cancellation);
                if (local is null) continue;
                double scale = Scale(gradients, batches);
                Put(local.Table("fisher", parts, (changes, _) => scale * changes.Average()), own, groups, weights, activations);
            }
            if (!gradients.HasGradients)
                throw DiagnosticCatalog.NothingToTrain.Error(model.Float.Name, $"no layer's gradient can be had: the output '{output ?? model.Float.MainOutput}' depends on no layer. Choose another output.");
            return new SensitivityTable(weights, activations) { Method = "fisher" };
        }
        finally
        {
            foreach (var batch in batches) batch.Dispose();
        }
    }

    // As for networks in one piece.
    private static double Scale(StreamedGradients gradients, List<Batch> batches)
    {
        if (gradients.IsDistribution) return 0.5;
        double power = gradients.OutputPowers.Zip(batches, (p, b) => p * b.Count).Sum();
        return gradients.IsRelative || !(power > 0) ? 1 : batches.Sum(b => b.Count) / power;
    }

    // A group's activations are the sum over its members, which may be in several stretches.
    private static void Put(SensitivityTable part, ImmutableArray<int> own, ImmutableArray<ImmutableArray<int>> groups, double[] weights, double[] activations)
    {
        foreach (int layer in own)
        {
            int first = groups.First(g => g.Contains(layer))[0];
            part.WeightsOf(layer).CopyTo(weights.AsSpan(layer * SensitivityTable.MaxBits));
            for (int i = 0; i < SensitivityTable.MaxBits; i++)
            {
                double score = part.ActivationsOf(layer)[i];
                if (double.IsNaN(score)) continue;
                ref double sum = ref activations[first * SensitivityTable.MaxBits + i];
                sum = double.IsNaN(sum) ? score : sum + score;
                if (layer != first) activations[layer * SensitivityTable.MaxBits + i] = 0;
            }
        }
    }
}
