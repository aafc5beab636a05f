using System.Buffers.Binary;
using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Runtime;
using Microsoft.Win32.SafeHandles;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>The samples of a subject, read from its shards. They are open from the beginning, so that nobody takes them away.</summary>
internal sealed class ShardedSamples : IDataset
{
    private readonly int _perShard, _sampleBytes;
    private readonly int[] _rows;
    private readonly SafeFileHandle[] _shards;
    private readonly byte[] _sample;

    /// <param name="description">What they are.</param>
    /// <param name="pathOf">Where a part lies.</param>
    /// <exception cref="InvalidDataException">The shards do not hold what the description says.</exception>
    public ShardedSamples(DescribedSamples description, Func<SubjectPart, string> pathOf)
    {
        (Name, Count, FixedBatch, HasLabels, _perShard) = (description.Name, description.Count, description.FixedBatch, description.HasLabels, description.PerShard);
        Inputs = [.. description.Inputs.Select(i => new TensorInfo(i.Name, (DataType)i.Type, i.Shape))];
        using (var batch = new Batch(this, Batches.SizeFor(this, 1))) _rows = [.. batch.Inputs.Select(t => t.Bytes.Length / batch.Rows)];
        _sampleBytes = _rows.Sum() + (HasLabels ? sizeof(int) : 0);
        _sample = new byte[_sampleBytes];
        Require(description);
        _shards = new SafeFileHandle[description.Shards.Length];
        try
        {
            for (int i = 0; i < _shards.Length; i++) _shards[i] = File.OpenHandle(pathOf(description.Shards[i]), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public SourceLocation? At => null;

    public int Count { get; }

    public ImmutableArray<TensorInfo> Inputs { get; }

    public int? FixedBatch { get; }

    public bool HasLabels { get; }

    public int LabelOf(int sample)
    {
        if (!HasLabels) throw new InvalidOperationException("the samples have no labels");
        Span<byte> label = stackalloc byte[sizeof(int)];
        ReadAt(sample, _sampleBytes - sizeof(int), label);
        return BinaryPrimitives.ReadInt32LittleEndian(label);
    }

    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            ReadAt(samples[i], 0, _sample);
            int from = 0;
            for (int t = 0; t < _rows.Length; from += _rows[t], t++) _sample.AsSpan(from, _rows[t]).CopyTo(batch.Inputs[t].Bytes[(i * _rows[t])..]);
        }
    }

    public void Dispose()
    {
        foreach (var shard in _shards) shard?.Dispose();
    }

    private void ReadAt(int sample, int offset, Span<byte> buffer)
    {
        long at = (long)(sample % _perShard) * _sampleBytes + offset;
        var shard = _shards[sample / _perShard];
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(shard, buffer, at);
            if (read == 0) throw new EndOfStreamException("a shard of samples is cut short");
            at += read;
            buffer = buffer[read..];
        }
    }

    private void Require(DescribedSamples description)
    {
        bool fits = description is { Count: > 0, PerShard: > 0 } && description.Shards.Length == (Count + _perShard - 1) / _perShard
            && description.Shards.Select((s, i) => s.Bytes == (long)Math.Min(_perShard, Count - i * _perShard) * _sampleBytes).All(fit => fit);
        if (!fits) throw new InvalidDataException("the shards of samples have other lengths than their description says");
    }
}
