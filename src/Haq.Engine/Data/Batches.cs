namespace Haq.Engine.Data;

/// <summary>Walks over data sets, a batch at a time. While one batch is used, the next is read: two sets of buffers, no more, whatever the number of samples.</summary>
public static class Batches
{
    /// <summary>The batch size to use where <paramref name="wanted"/> is wanted: what the model fixes, or that many.</summary>
    public static int SizeFor(IDataset dataset, int wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted);
        return dataset.FixedBatch ?? wanted;
    }

    /// <summary>All samples in order. A batch is valid until the next one is asked for; do not dispose of it.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="size">Samples per batch, unless the model fixes their number; the last batch may hold fewer.</param>
    /// <param name="cancellation">Ends the walk between two batches.</param>
    public static IEnumerable<Batch> InOrder(IDataset dataset, int size, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return InOrder(dataset, Enumerable.Range(0, dataset.Count).ToArray(), size, cancellation);
    }

    /// <summary>The samples of <paramref name="order"/>, in that order: a subset, or a shuffled epoch.</summary>
    /// <inheritdoc cref="InOrder(IDataset, int, CancellationToken)"/>
    public static IEnumerable<Batch> InOrder(IDataset dataset, ReadOnlyMemory<int> order, int size, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Walk(dataset, order, SizeFor(dataset, Math.Min(size, Math.Max(1, order.Length))), cancellation);
    }

    private static IEnumerable<Batch> Walk(IDataset dataset, ReadOnlyMemory<int> order, int size, CancellationToken cancellation)
    {
        if (order.IsEmpty) yield break;
        using var first = new Batch(dataset, size);
        using var second = new Batch(dataset, size);
        int tail = order.Length % size;
        // Where the batch is free, the rest gets buffers of its own size: nothing is computed twice, and means need no weights.
        using var rest = tail > 0 && dataset.FixedBatch is null ? new Batch(dataset, tail) : null;

        Task<Batch> Start(int from)
        {
            int count = Math.Min(size, order.Length - from);
            var batch = count < size && rest is not null ? rest : from / size % 2 == 0 ? first : second;
            return Task.Run(() =>
            {
                batch.Fill(dataset, order.Span.Slice(from, count));
                return batch;
            });
        }

        var next = Start(0);
        try
        {
            for (int from = 0; from < order.Length; from += size)
            {
                cancellation.ThrowIfCancellationRequested();
                var current = next.GetAwaiter().GetResult();
                if (from + size < order.Length) next = Start(from + size);
                yield return current;
            }
        }
        finally
        {
            // The buffers must outlive a read that is under way when the walk ends early.
            ((Task)next).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait(CancellationToken.None);
        }
    }
}
