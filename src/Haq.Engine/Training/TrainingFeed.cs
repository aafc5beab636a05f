using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training;

/// <summary>Fills a training run's inputs and target, batch by batch. A data set whose model fixes another batch is read in its own and gathered.</summary>
internal sealed class TrainingFeed(IDataset training, TrainingGraph graph, TrainingRun run, Teacher? teacher, FineTuneOptions options)
{
    private readonly int[] _labels = new int[graph.Batch];

    /// <summary>One epoch in random order. Yields when a batch is in place; samples that do not fill a last batch are left out.</summary>
    public IEnumerable<int> Batches(SeededRandom random, CancellationToken cancellation)
    {
        int[] order = random.Fork("order").Permutation(training.Count);
        order = order[..(order.Length / graph.Batch * graph.Batch)];
        var changes = random.Fork("augmentation");
        int filled = 0, given = 0;
        foreach (var batch in Data.Batches.InOrder(training, order, graph.Batch, cancellation))
        {
            foreach (var input in graph.Forward.Inputs) Copy(batch, input.Name, run.Input(input.Name), filled, graph.Batch);
            if (batch.HasLabels) batch.Labels.CopyTo(_labels.AsSpan(filled));
            filled += batch.Count;
            if (filled < graph.Batch) continue;
            foreach (var input in graph.Forward.Inputs)
            {
                Check(run.Input(input.Name), order.AsSpan(given * graph.Batch, graph.Batch));
                Augmenter.Apply(run.Input(input.Name), options.Augmentation, changes);
            }
            WriteTarget(cancellation);
            filled = 0;
            yield return given++;
        }
    }

    /// <summary>Puts a batch's samples into a larger one's tensor of <paramref name="rows"/> samples, from <paramref name="row"/> on.</summary>
    public static void Copy(Batch batch, string name, OrtTensor to, int row, int rows)
    {
        var from = batch.Inputs[batch.Names.IndexOf(name)];
        int bytes = to.Bytes.Length / rows;
        from.Bytes[..(batch.Count * bytes)].CopyTo(to.Bytes[(row * bytes)..]);
    }

    private void WriteTarget(CancellationToken cancellation)
    {
        var target = run.Values(Losses.Target);
        if (teacher is not null)
        {
            teacher.Write(target, cancellation);
            return;
        }
        int classes = target.Length / graph.Batch;
        target.Clear();
        for (int row = 0; row < graph.Batch; row++)
        {
            if ((uint)_labels[row] >= (uint)classes)
            {
                throw DiagnosticCatalog.LabelsMissing.Error(training.Name, string.Create(CultureInfo.InvariantCulture,
                    $"the label {_labels[row]} does not name one of the {classes} classes of the output '{graph.Output}'. Check the labels, or use 'loss: distillation'."));
            }
            target[row * classes + _labels[row]] = 1;
        }
    }

    private void Check(OrtTensor input, ReadOnlySpan<int> samples)
    {
        if (input.Type != DataType.Float) return;
        foreach (float value in input.Values<float>())
        {
            if (float.IsFinite(value)) continue;
            throw DiagnosticCatalog.NonFiniteTrainingData.Error(training.Name, string.Create(CultureInfo.InvariantCulture,
                $"the training set holds a value that is not finite in one of the samples {string.Join(", ", samples[..Math.Min(8, samples.Length)].ToArray())}…. Remove it or check the preprocessing (a division by a standard deviation of 0?)."));
        }
    }
}
