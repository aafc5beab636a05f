using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>
/// A data set cut into fixed batches. The first ones, as many as fit the memory given, are read once and kept; those after them are kept in a temporary file, as far as that may grow; the others
/// are read each time. For several walks at a time, which read one after the other.
/// </summary>
internal sealed class SampleCache : IDisposable
{
    private readonly IDataset _dataset;
    private readonly int _rows;
    private readonly Slot?[] _kept;
    private readonly long?[] _spilled;
    private readonly SpilledBytes _file = new();
    private long _memoryLeft;
    private long _fileLeft;

    /// <param name="dataset">The samples.</param>
    /// <param name="rows">Samples of a batch.</param>
    /// <param name="memory">Bytes of samples that are kept in memory.</param>
    /// <param name="file">Bytes of samples that are kept in a temporary file.</param>
    public SampleCache(IDataset dataset, int rows, long memory, long file)
    {
        (_dataset, _rows, _memoryLeft, _fileLeft) = (dataset, Math.Min(rows, Math.Max(1, Batches.SizeFor(dataset, dataset.Count))), memory, file);
        _kept = new Slot?[(dataset.Count + _rows - 1) / _rows];
        _spilled = new long?[_kept.Length];
    }

    public int BatchCount => _kept.Length;

    /// <summary>Samples of every batch but the last.</summary>
    public int Rows => _rows;

    /// <summary>All batches in order. Each is the caller's to dispose of.</summary>
    public IEnumerable<Slot> InOrder(CancellationToken cancellation)
    {
        for (int index = 0; index < _kept.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return this[index];
        }
    }

    /// <summary>Some batches, in the order asked for. Each is the caller's to dispose of.</summary>
    public IEnumerable<Slot> Some(IReadOnlyList<int> indices, CancellationToken cancellation)
    {
        foreach (int index in indices)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return this[index];
        }
    }

    public void Dispose()
    {
        foreach (var slot in _kept) slot?.Free();
        _file.Dispose();
    }

    // Data sets have one reader at a time.
    private Slot this[int index]
    {
        get
        {
            if (Volatile.Read(ref _kept[index]) is { } kept) return kept;
            lock (_kept) return _kept[index] ?? Read(index);
        }
    }

    private Slot Read(int index)
    {
        int first = index * _rows, count = Math.Min(_rows, _dataset.Count - first);
        var batch = new Batch(_dataset, Batches.SizeFor(_dataset, count));
        int[] samples = [.. Enumerable.Range(first, count)];
        if (_spilled[index] is { } offset)
        {
            batch.Fill(_dataset, samples, tensor =>
            {
                _file.Read(offset, tensor);
                offset += tensor.Length;
            });
            return new Slot(batch, index, first, kept: false);
        }
        batch.Fill(_dataset, samples);
        long bytes = batch.Inputs.Sum(t => (long)t.Bytes.Length);
        bool keep = bytes <= _memoryLeft;
        if (keep) _memoryLeft -= bytes;
        else if (bytes <= _fileLeft) Spill(index, batch, bytes);
        var slot = new Slot(batch, index, first, keep);
        if (keep) _kept[index] = slot;
        return slot;
    }

    private void Spill(int index, Batch batch, long bytes)
    {
        long? start = null;
        foreach (var tensor in batch.Inputs)
        {
            if (_file.Add(tensor.Bytes) is not { } at)
            {
                _fileLeft = 0;
                return;
            }
            start ??= at;
        }
        _fileLeft -= bytes;
        _spilled[index] = start;
    }

    /// <summary>A few consecutive samples.</summary>
    internal sealed class Slot(Batch batch, int index, int first, bool kept) : IDisposable
    {
        private readonly ImmutableArray<int> _labels = [.. batch.Labels];

        /// <summary>Which batch it is.</summary>
        public int Index { get; } = index;

        /// <summary>The number of its first sample.</summary>
        public int First { get; } = first;

        /// <summary>How many samples it holds.</summary>
        public int Count { get; } = batch.Count;

        /// <summary>How many rows the model is given; more than <see cref="Count"/> where the model fixes them.</summary>
        public int Rows { get; } = batch.Rows;

        /// <summary>The tensors by name.</summary>
        public IReadOnlyDictionary<string, OrtTensor> Inputs { get; } = batch.ByName;

        /// <summary>The label of a row, −1 where there is none.</summary>
        public int LabelOf(int row) => _labels.IsEmpty ? -1 : _labels[row];

        /// <summary>Gives the memory back unless the batch is kept.</summary>
        public void Dispose()
        {
            if (!kept) Free();
        }

        public void Free() => batch.Dispose();
    }
}
