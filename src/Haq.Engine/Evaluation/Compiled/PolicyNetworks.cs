using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Makes networks of one float model ready for evaluation. The compiled form is used after it was seen to give the bits of the plain form on this machine; otherwise the plain one is.
/// Safe for concurrent use.
/// </summary>
internal sealed class PolicyNetworks(OnnxModel model, ImmutableArray<string> outputs, PrefixStore prefixes)
{
    private const int MostGraphs = 4;

    private readonly EvaluationGraph _plain = new(model);
    private readonly Dictionary<string, CompiledGraph?> _compiled = new(StringComparer.Ordinal);

    /// <summary>The network of a policy. With <paramref name="reuse"/> what other policies' first layers made is used again.</summary>
    public INetwork Open(QuantizedModel quantized, bool reuse, Func<SampleCache.Slot> sample) =>
        GraphOf(quantized, sample) is { } graph ? new CutNetwork(graph, quantized, outputs, reuse ? prefixes : null) : Plain(quantized);

    /// <summary>
    /// The network of <paramref name="variant"/>, which has some of <paramref name="whole"/>'s layers in floating point: the graph is that of the whole, in which they read real weights and
    /// quantizers let pass what they read. Sums may be in another order than in a graph that has such layers in floating point from the start.
    /// </summary>
    public INetwork OpenVariant(QuantizedModel whole, QuantizedModel variant, Func<SampleCache.Slot> sample) =>
        HasPlacesFor(whole, variant) && GraphOf(whole, sample) is { } graph ? new CutNetwork(graph, variant, outputs, prefixes)
            // A graph of its own, measured once: nothing of it is worth keeping.
            : PlainNetwork.Of(new EvaluationGraph(model), variant, outputs);

    /// <summary>The network in standard operators, prepared by ONNX Runtime for itself alone.</summary>
    public INetwork Plain(QuantizedModel quantized) => PlainNetwork.Of(_plain, quantized, outputs);

    private CompiledGraph? GraphOf(QuantizedModel quantized, Func<SampleCache.Slot> sample)
    {
        // The compiled form knows where weights, biases and quantizers went, not what became of other constants; and weights that stay real are there while ONNX Runtime rewrites the graph, which then
        // fuses in another order than in the plain form: a value between two integers falls to the other side.
        if (!quantized.Constants.IsEmpty || quantized.Layers.Any(l => l.Weights is null && !l.Found.IsLeftInFloat)) return null;
        string kinds = EvaluationGraph.KindsOf(quantized);
        lock (_compiled)
        {
            if (!_compiled.TryGetValue(kinds, out var graph))
            {
                // Each holds a copy of the network: of those that few policies have, none is worth the memory of all.
                if (_compiled.Count >= MostGraphs) _compiled.Clear();
                _compiled[kinds] = graph = Compile(quantized, sample);
            }
            return graph;
        }
    }

    // All that the variant quantizes is a placeholder of the whole's graph, what is between layers is the same, and layers that read one tensor read it alike.
    private static bool HasPlacesFor(QuantizedModel whole, QuantizedModel variant) =>
        variant.Constants.IsEmpty && EvaluationGraph.KindsBetween(whole) == EvaluationGraph.KindsBetween(variant)
        && whole.Layers.Zip(variant.Layers).All(p => Has(p.First.Weights, p.Second.Weights) && Has(p.First.Bias, p.Second.Bias) && (p.First.Activation is not null || p.Second.Activation is null))
        && variant.Layers.GroupBy(l => l.Found.Input).All(readers => readers.Select(l => l.Activation).Distinct().Count() == 1);

    private static bool Has(object? place, object? value) => place is not null || value is null;

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
