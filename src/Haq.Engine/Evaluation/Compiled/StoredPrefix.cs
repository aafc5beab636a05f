using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>What the first nodes of a network made of the batches of a set, as far as they were computed. Batches may be added from several threads.</summary>
internal sealed class StoredPrefix(CompiledGraph graph, GraphCut cut, QuantizedModel quantized, int batches) : IDisposable
{
    private readonly IReadOnlyDictionary<string, OrtTensor>?[] _batches = new IReadOnlyDictionary<string, OrtTensor>?[batches];
    private long _bytes;

    /// <summary>The network.</summary>
    public CompiledGraph Graph { get; } = graph;

    /// <summary>Where it was cut.</summary>
    public GraphCut Cut { get; } = cut;

    /// <summary>The numbers that it was computed with.</summary>
    public QuantizedModel Quantized { get; } = quantized;

    /// <summary>When it was last used, in evaluations.</summary>
    public long LastUse { get; set; }

    /// <summary>How many networks use it now; only its store counts them.</summary>
    public int Users { get; set; }

    /// <summary>It goes when nobody uses it any more.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Bytes of all batches.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A batch's tensors by name; null where they are not stored.</summary>
    public IReadOnlyDictionary<string, OrtTensor>? this[int batch] => Volatile.Read(ref _batches[batch]);

    /// <summary>Stores a batch, which becomes this object's; false where it is there already, as another thread made it too.</summary>
    public bool Add(int batch, IReadOnlyDictionary<string, OrtTensor> tensors)
    {
        if (Interlocked.CompareExchange(ref _batches[batch], tensors, null) is not null) return false;
        Interlocked.Add(ref _bytes, tensors.Values.Sum(t => (long)t.Bytes.Length));
        return true;
    }

    public void Dispose()
    {
        foreach (var batch in _batches)
            foreach (var tensor in batch?.Values ?? []) tensor.Dispose();
        Array.Clear(_batches);
        _bytes = 0;
    }
}
