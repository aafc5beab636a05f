using System.Collections.Immutable;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// A compiled network whose beginning may be stored: where it is, only the rest runs; where it is to be stored, it runs in two pieces and what is between them is kept. Without either
/// it is one piece.
/// </summary>
internal sealed class CutNetwork : INetwork
{
    private readonly PrefixStore? _store;
    private readonly StoredPrefix? _known;
    private readonly StoredPrefix? _wanted;
    private readonly OrtSession? _step;
    private readonly Lazy<OrtSession> _whole;
    private readonly OrtSession _tail;
    private readonly ImmutableArray<string> _outputs;
    private readonly string[] _ofTail;
    private volatile bool _full;
    private bool _isDisposed;

    /// <summary>The network of <paramref name="quantized"/>; with a <paramref name="store"/> it uses and adds to what is stored.</summary>
    public CutNetwork(CompiledGraph graph, QuantizedModel quantized, ImmutableArray<string> outputs, PrefixStore? store)
    {
        (_outputs, _store) = (outputs, store);
        if (store is not null) (_known, _wanted) = store.Find(graph, quantized);
        _whole = new Lazy<OrtSession>(() => graph.Open(quantized, null, Prefix!.Cut));
        try
        {
            // The pieces before the last one are made first: they tell the types of what is passed on.
            if (_wanted is not null && _known is not null) _step = graph.Open(quantized, _known.Cut, _wanted.Cut);
            else if (_wanted is not null) _ = _whole.Value;
            _tail = graph.Open(quantized, Prefix?.Cut, null);
            var last = _tail.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
            _ofTail = [.. outputs.Where(last.Contains)];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private StoredPrefix? Prefix => _wanted ?? _known;

    public OrtTensor[] Run(SampleCache.Slot batch)
    {
        if (Prefix is not { } prefix) return Run(_tail, batch, null, _ofTail);
        if (prefix[batch.Index] is { } stored) return Finish(batch, stored);
        var made = Make(prefix, batch);
        try
        {
            Keep(prefix, batch.Index, made);
            return Finish(batch, made);
        }
        finally
        {
            foreach (var tensor in made.Values) tensor.Dispose();
        }
    }

    public void Dispose()
    {
        _step?.Dispose();
        if (_whole.IsValueCreated) _whole.Value.Dispose();
        _tail?.Dispose();
        if (!Interlocked.Exchange(ref _isDisposed, true)) _store?.Release(_known, _wanted, !_full);
    }

    // Outputs of the beginning are there already.
    private OrtTensor[] Finish(SampleCache.Slot batch, IReadOnlyDictionary<string, OrtTensor> made)
    {
        var last = Run(_tail, batch, made, _ofTail);
        if (_ofTail.Length == _outputs.Length) return last;
        int next = 0;
        return [.. _outputs.Select(name => next < _ofTail.Length && _ofTail[next] == name ? last[next++] : Copy(made[name]))];
    }

    private Dictionary<string, OrtTensor> Make(StoredPrefix prefix, SampleCache.Slot batch)
    {
        var before = _step is null ? null : _known![batch.Index];
        var session = before is null ? _whole.Value : _step!;
        string[] names = [.. session.Outputs.Select(o => o.Name)];
        var made = names.Zip(Run(session, batch, before, names)).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        // What passes by the nodes in between.
        foreach (string passing in prefix.Cut.Tensors)
            if (!made.ContainsKey(passing)) made.Add(passing, Copy(before![passing]));
        return made;
    }

    private void Keep(StoredPrefix prefix, int batch, Dictionary<string, OrtTensor> made)
    {
        if (_full) return;
        long bytes = made.Values.Sum(t => (long)t.Bytes.Length);
        if (!_store!.Reserve(bytes))
        {
            _full = true;
            return;
        }
        var copies = made.ToDictionary(m => m.Key, m => Copy(m.Value), StringComparer.Ordinal);
        if (prefix.Add(batch, copies)) return;
        _store.Return(bytes);
        foreach (var copy in copies.Values) copy.Dispose();
    }

    private static OrtTensor Copy(OrtTensor tensor)
    {
        var copy = OrtTensor.Zeros(tensor.Type, tensor.Shape.AsSpan());
        tensor.Bytes.CopyTo(copy.Bytes);
        return copy;
    }

    private static OrtTensor[] Run(OrtSession session, SampleCache.Slot batch, IReadOnlyDictionary<string, OrtTensor>? made, IReadOnlyCollection<string> outputs) =>
        session.Run(session.Inputs.ToDictionary(i => i.Name, i => made is not null && made.TryGetValue(i.Name, out var tensor) ? tensor : batch.Inputs[i.Name], StringComparer.Ordinal), outputs);
}
