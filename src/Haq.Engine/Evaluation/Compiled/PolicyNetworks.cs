using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Makes networks of one float model ready for evaluation. The compiled form is used after it was seen to give the bits of the plain form on this machine; otherwise the plain one is.
/// Where policies are compared with each other only, their convolutions are computed in integers. Safe for concurrent use.
/// </summary>
internal sealed class PolicyNetworks(OnnxModel model, ImmutableArray<string> outputs, PrefixStore prefixes)
{
    private const int MostGraphs = 4;

    // Of the outputs' magnitude: where a sum lies between two integers, the two forms may round it to different ones. A misplaced weight is off by far more.
    private const double MostNoise = 0.05;

    private readonly EvaluationGraph _plain = new(model);
    private readonly Dictionary<string, CompiledGraph?> _compiled = new(StringComparer.Ordinal), _integers = new(StringComparer.Ordinal);

    /// <summary>The network of a policy. With <paramref name="reuse"/> what other policies' first layers made is used again.</summary>
    /// <param name="quantized">The policy's numbers.</param>
    /// <param name="reuse">Beginnings are kept.</param>
    /// <param name="integers">Convolutions add integers where they can: exact, but not the bits of the plain form. It makes the policy that a graph is checked with; null for the plain form's
    /// bits.</param>
    /// <param name="sample">A batch to compare the forms on.</param>
    public INetwork Open(QuantizedModel quantized, bool reuse, Func<QuantizedModel>? integers, Func<SampleCache.Slot> sample) =>
        ((integers is null ? null : IntegersOf(quantized, integers, sample)) ?? GraphOf(quantized, sample)) is { } graph
            ? new CutNetwork(graph, quantized, outputs, reuse ? prefixes : null)
            : Plain(quantized);

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
        if (IsRewrittenOtherwise(quantized)) return null;
        return Kept(_compiled, quantized, () => Compile(quantized, integers: false, sample));
    }

    // The compiled form knows where weights, biases and quantizers went, not what became of other constants; and weights that stay real are there while ONNX Runtime rewrites the graph, which then
    // fuses in another order than in the plain form: a value between two integers falls to the other side.
    private static bool IsRewrittenOtherwise(QuantizedModel quantized) => !quantized.Constants.IsEmpty || quantized.Layers.Any(l => l.Weights is null && !l.Found.IsLeftInFloat);

    // Whether a graph is used does not depend on the policy that happens to come first: scores would depend on the order of policies, which differs between workers and when a search goes
    // on from its journal.
    private CompiledGraph? IntegersOf(QuantizedModel quantized, Func<QuantizedModel> reference, Func<SampleCache.Slot> sample)
    {
        var convolutions = quantized.Layers.Where(l => l.Found.WeightShape.Length == 4 && !l.Found.IsLeftInFloat).Select(l => l.Found.Layer.Index);
        if (!IntegerConvolutions.AreSupported || IsRewrittenOtherwise(quantized) || !IntegerConvolutions.Fit(quantized, convolutions)) return null;
        return Kept(_integers, quantized, CompileReference) is { } graph && graph.Fits(quantized) ? graph : null;

        CompiledGraph? CompileReference()
        {
            var eight = reference();
            return EvaluationGraph.KindsOf(eight) == EvaluationGraph.KindsOf(quantized) ? Compile(eight, integers: true, sample) : null;
        }
    }

    private static CompiledGraph? Kept(Dictionary<string, CompiledGraph?> graphs, QuantizedModel quantized, Func<CompiledGraph?> compile)
    {
        string kinds = EvaluationGraph.KindsOf(quantized);
        lock (graphs)
        {
            if (!graphs.TryGetValue(kinds, out var graph))
            {
                // Each holds a copy of the network: of those that few policies have, none is worth the memory of all.
                if (graphs.Count >= MostGraphs) graphs.Clear();
                graphs[kinds] = graph = compile();
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

    private CompiledGraph? Compile(QuantizedModel quantized, bool integers, Func<SampleCache.Slot> sample)
    {
        if (quantized.Model.IsLarge || CompiledGraph.Of(quantized, outputs, integers) is not { } graph) return null;
        using var slot = sample();
        using var plain = Plain(quantized);
        using var compiled = new CutNetwork(graph, quantized, outputs, null);
        var (expected, computed) = (plain.Run(slot), compiled.Run(slot));
        bool isEqual = expected.Zip(computed).All(p => integers ? IsNear(p.First, p.Second) : p.First.Bytes.SequenceEqual(p.Second.Bytes));
        foreach (var tensor in expected.Concat(computed)) tensor.Dispose();
        return isEqual ? graph : null;
    }

    private static bool IsNear(OrtTensor expected, OrtTensor computed)
    {
        if (expected.Type != DataType.Float) return expected.Bytes.SequenceEqual(computed.Bytes);
        double power = 0, noise = 0;
        foreach (var (a, b) in expected.ToFloats().Zip(computed.ToFloats())) (power, noise) = (power + (double)a * a, noise + ((double)a - b) * ((double)a - b));
        return noise <= MostNoise * MostNoise * power;
    }
}
