using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Makes networks of one float model ready for evaluation. The compiled form is used after it was seen to give the bits of the plain form on this machine; otherwise the plain one is.
/// One caller at a time.
/// </summary>
internal sealed class PolicyNetworks(OnnxModel model, ImmutableArray<string> outputs, PrefixStore prefixes)
{
    private const int MostGraphs = 4;

    private readonly EvaluationGraph _plain = new(model);
    private readonly Dictionary<string, CompiledGraph?> _compiled = new(StringComparer.Ordinal);

    /// <summary>The network of a policy. With <paramref name="reuse"/> what other policies' first layers made is used again.</summary>
    public INetwork Open(QuantizedModel quantized, bool reuse, Func<SampleCache.Slot> sample)
    {
        // The compiled form knows where weights, biases and quantizers went, not what became of other constants; and weights that stay real are there while ONNX Runtime rewrites the graph, which then
        // fuses in another order than in the plain form: a value between two integers falls to the other side.
        if (!quantized.Constants.IsEmpty || quantized.Layers.Any(l => l.Weights is null && !l.Found.IsLeftInFloat)) return Plain(quantized);
        string kinds = EvaluationGraph.KindsOf(quantized);
        if (!_compiled.TryGetValue(kinds, out var graph))
        {
            // Each holds a copy of the network: of those that few policies have, none is worth the memory of all.
            if (_compiled.Count >= MostGraphs) _compiled.Clear();
            _compiled[kinds] = graph = Compile(quantized, sample);
        }
        return graph is null ? Plain(quantized) : new CutNetwork(graph, quantized, outputs, reuse ? prefixes : null);
    }

    /// <summary>The network in standard operators, prepared by ONNX Runtime for itself alone.</summary>
    public INetwork Plain(QuantizedModel quantized) => PlainNetwork.Of(_plain, quantized, outputs);

    private CompiledGraph? Compile(QuantizedModel quantized, Func<SampleCache.Slot> sample)
    {
        if (quantized.Model.IsLarge || CompiledGraph.Of(quantized, outputs) is not { } graph) return null;
        using var slot = sample();
        using var plain = Plain(quantized);
        using var compiled = new CutNetwork(graph, quantized, outputs, null);
        var (expected, computed) = (plain.Run(slot), compiled.Run(slot));
        bool isEqual = expected.Zip(computed).All(p => p.First.Bytes.SequenceEqual(p.Second.Bytes));
        foreach (var tensor in expected.Concat(computed)) tensor.Dispose();
        return isEqual ? graph : null;
    }
}
