using System.Collections.Immutable;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>Buffers for the inputs of a few samples. The tensors stay the batch's; their content changes with the next read.</summary>
public sealed class Batch : IDisposable
{
    /// <summary>Puts an input's bytes back.</summary>
    internal delegate void Restore(Span<byte> bytes);

    private readonly int[] _labels;

    /// <summary>Buffers for <paramref name="rows"/> samples of <paramref name="dataset"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model fixes another number.</exception>
    public Batch(IDataset dataset, int rows)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Batches.SizeFor(dataset, rows), rows, nameof(rows));
        Names = [.. dataset.Inputs.Select(i => i.Name)];
        Inputs = [.. dataset.Inputs.Select(i => OrtTensor.Zeros(i.Type, Shape(i, rows)))];
        (Rows, HasLabels, _labels) = (rows, dataset.HasLabels, new int[rows]);
    }

    /// <summary>The inputs' names, in the model's order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The inputs' tensors, in the same order, each of <see cref="Rows"/> samples.</summary>
    public ImmutableArray<OrtTensor> Inputs { get; }

    /// <summary>How many samples fit.</summary>
    public int Rows { get; }

    /// <summary>How many samples it holds: the first rows. Fewer than <see cref="Rows"/> only at the end of a set whose model fixes the batch; the rest repeats.</summary>
    public int Count { get; private set; }

    /// <summary>The data set has labels.</summary>
    public bool HasLabels { get; }

    /// <summary>The labels of the <see cref="Count"/> samples; empty without labels.</summary>
    public ReadOnlySpan<int> Labels => HasLabels ? _labels.AsSpan(0, Count) : [];

    /// <summary>The tensors by name, for a session's run.</summary>
    public IReadOnlyDictionary<string, OrtTensor> ByName => Names.Zip(Inputs).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);

    /// <summary>Reads samples, at most <see cref="Rows"/>. Rows that are left over repeat the last one, so that a model of fixed batch has sane input.</summary>
    public void Fill(IDataset dataset, ReadOnlySpan<int> samples)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        RequireRoom(samples);
        dataset.Read(samples, this);
        Take(dataset, samples);
        foreach (var tensor in Inputs)
        {
            int row = tensor.Bytes.Length / Rows;
            for (int i = Count; i < Rows; i++) tensor.Bytes.Slice((Count - 1) * row, row).CopyTo(tensor.Bytes.Slice(i * row, row));
        }
    }

    /// <summary>The same from what the inputs held before: <paramref name="restore"/> is given each one's bytes, in order.</summary>
    internal void Fill(IDataset dataset, ReadOnlySpan<int> samples, Restore restore)
    {
        RequireRoom(samples);
        foreach (var tensor in Inputs) restore(tensor.Bytes);
        Take(dataset, samples);
    }

    private void RequireRoom(ReadOnlySpan<int> samples)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples.Length, Rows, nameof(samples));
        ArgumentOutOfRangeException.ThrowIfZero(samples.Length, nameof(samples));
    }

    private void Take(IDataset dataset, ReadOnlySpan<int> samples)
    {
        if (HasLabels) for (int i = 0; i < samples.Length; i++) _labels[i] = dataset.LabelOf(samples[i]);
        Count = samples.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Inputs) tensor.Dispose();
    }

    // A model without a batch dimension takes one sample at a time, in the shape of the sample.
    private static ReadOnlySpan<long> Shape(TensorInfo input, int rows) => input.Shape is [-1, ..] ? input.Shape.SetItem(0, rows).AsSpan() : input.Shape.AsSpan();
}
