using System.Runtime.InteropServices;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>What the float model made of each batch: as much as fits in memory, then in a temporary file as far as that may grow. Batches may be kept and read by several threads.</summary>
internal sealed class ReferenceStore(int batches, long memory, long file) : IDisposable
{
    private readonly float[][]?[] _kept = new float[batches][][];
    private readonly (long?[] At, int[] Lengths)?[] _spilled = new (long?[], int[])?[batches];
    private readonly SpilledBytes _file = new();
    private long _memoryLeft = memory;
    private long _fileLeft = file;

    /// <summary>Nothing has to be computed again.</summary>
    public bool IsComplete => Enumerable.Range(0, batches).All(b => _kept[b] is not null || _spilled[b] is not null);

    /// <summary>A batch's outputs; null where they were not kept.</summary>
    public float[][]? this[int batch]
    {
        get
        {
            if (_kept[batch] is { } kept) return kept;
            if (_spilled[batch] is not var (at, lengths)) return null;
            float[][] values = new float[at.Length][];
            for (int o = 0; o < values.Length; o++)
            {
                values[o] = new float[lengths[o]];
                _file.Read(at[o]!.Value, MemoryMarshal.AsBytes(values[o].AsSpan()));
            }
            return values;
        }
    }

    /// <summary>Keeps a batch's outputs where there is room. Which ones fit may differ from run to run; what is read does not.</summary>
    public void Keep(int batch, float[][] values)
    {
        long bytes = values.Sum(v => (long)v.Length) * sizeof(float);
        if (Interlocked.Add(ref _memoryLeft, -bytes) >= 0)
        {
            _kept[batch] = values;
            return;
        }
        Interlocked.Add(ref _memoryLeft, bytes);
        if (Interlocked.Add(ref _fileLeft, -bytes) < 0)
        {
            Interlocked.Add(ref _fileLeft, bytes);
            return;
        }
        long?[] at = [.. values.Select(v => _file.Add(MemoryMarshal.AsBytes(v.AsSpan())))];
        if (!at.Contains(null)) _spilled[batch] = (at, [.. values.Select(v => v.Length)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
