using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Importing;

/// <summary>A model in QDQ form, of whatever tool, taken apart: the network in reals, and the grids that its tensors were on.</summary>
internal sealed class ImportedNetwork
{
    private const string Label = "take pairs off";

    private static readonly HashSet<string> s_layers = [OpNames.Conv, OpNames.ConvTranspose, OpNames.Gemm, OpNames.MatMul];

    private ImportedNetwork(OnnxModel reals) => Reals = reals;

    /// <summary>The network without pairs on activations; weights and biases are the reals that their integers stood for. Other stored constants stay as they were.</summary>
    public OnnxModel Reals { get; }

    /// <summary>The activations that had a pair with constants, by their names in <see cref="Reals"/>.</summary>
    public required ImmutableDictionary<string, ImportedTensor> Activations { get; init; }

    /// <summary>The grids of stored constants, by the node that reads them and the input that it does so through; axes are those of what the node reads.</summary>
    public required ImmutableDictionary<(string Node, int Input), TensorGrid> Constants { get; init; }

    /// <summary>Takes a copy of a model apart.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="keeps">Whether a stored constant that is no layer's weight or bias stays on its grid.</param>
    /// <exception cref="HaqException">The model is not in QDQ form (HAQ0321), or its graph is not sound (HAQ0305).</exception>
    public static ImportedNetwork Read(OnnxModel model, Func<TensorGrid, bool> keeps)
    {
        model = model.Clone();
        FunctionInlining.Apply(model);
        NodeNames.Assign(model.Graph);
        ConstantInputs.Drop(model.Graph);
        var qdq = new QdqModel(model);
        var patch = new GraphPatch(model, Label);
        var activations = TakeOff(qdq, patch);
        var constants = ImmutableDictionary.CreateBuilder<(string, int), TensorGrid>();
        foreach (var node in qdq.Nodes)
        {
            foreach (var input in node.Inputs.Where(i => i.Kind == InputKind.QuantizedConstant)) constants[(node.Name, input.Index)] = input.Grid!;
        }

        foreach (var dequantize in qdq.View.Order.Where(n => n.OpType == OpNames.DequantizeLinear && ExistingQuantization.IsQuantizeDequantize(n) && !qdq.View.IsOutput(n.OutputAt(0))))
        {
            var grid = qdq.GridOf(dequantize);
            if (!IsOfLayer(qdq, dequantize.OutputAt(0)) && grid.Type != DataType.Int32 && keeps(grid)) continue;
            string stored = dequantize.OutputAt(0), name = patch.FreshName(NameOfReals(stored));
            if (StoredReals.Of(name, qdq.View, dequantize, grid) is not { } reals) continue;
            patch.Remove(dequantize).Put(reals).Rewire(stored, name);
            if (qdq.View.ProducerOf(dequantize.InputAt(0)) is { } quantize && IsOnlyReader(qdq.View, quantize)) patch.Remove(quantize);
        }

        patch.Apply();
        return new ImportedNetwork(model) { Activations = activations, Constants = constants.ToImmutable() };
    }

    /// <summary>Removes the pairs on activations. Where a pair makes an output of the network, what was in front of it takes the output's name.</summary>
    private static ImmutableDictionary<string, ImportedTensor> TakeOff(QdqModel qdq, GraphPatch patch)
    {
        var view = qdq.View;
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new Dictionary<string, ImportedTensor>(StringComparer.Ordinal);
        // Names of outputs are taken first, so that all else follows them.
        var pairs = view.Order.Where(n => n.OpType == OpNames.QuantizeLinear && ExistingQuantization.IsQuantizeDequantize(n))
            .OrderBy(q => !view.ConsumersOf(q.OutputAt(0)).Any(e => view.IsOutput(e.OutputAt(0))));
        foreach (var quantize in pairs)
        {
            string tensor = quantize.InputAt(0), integers = quantize.OutputAt(0);
            if (qdq.IsConstant(tensor) || view.IsOutput(integers)) continue;
            var ends = view.ConsumersOf(integers);
            if (ends.Count == 0 || !ends.All(e => e.OpType == OpNames.DequantizeLinear && qdq.GridOf(e).Means(qdq.GridOf(quantize)))) continue;
            if (ImportedGrids.QuantizerOf(qdq.GridOf(quantize)) is not { } quantizer) continue;

            string[] outputs = [.. ends.Select(e => e.OutputAt(0)).Where(view.IsOutput)];
            string source = named.GetValueOrDefault(tensor, tensor);
            bool takesName = outputs.Length == 1 && source == tensor && view.ProducerOf(tensor) is { } maker && !ExistingQuantization.IsQuantizeDequantize(maker) && !view.IsOutput(tensor);
            if (outputs.Length > 0 && !takesName) continue;
            string name = takesName ? outputs[0] : source;
            if (takesName) patch.Write(view.ProducerOf(tensor)!, tensor, name).Rewire(tensor, name);
            named[tensor] = name;
            var readers = ends.SelectMany(e => ReadersOf(view, e.OutputAt(0))).ToImmutableArray();
            foreach (var end in ends)
            {
                patch.Remove(end);
                named[end.OutputAt(0)] = name;
                if (end.OutputAt(0) != name) patch.Rewire(end.OutputAt(0), name);
            }
            patch.Remove(quantize);
            // A second pair behind the first or beside it adds readers; the first one's grid is the tensor's.
            found[name] = found.TryGetValue(name, out var known) ? known with { Readers = known.Readers.AddRange(readers) }
                : new ImportedTensor(quantizer, qdq.GridOf(quantize), readers, takesName);
        }
        return found.ToImmutableDictionary(StringComparer.Ordinal);
    }

    // What this engine wrote gets the names that it had before, so that they do not grow from conversion to conversion.
    private static string NameOfReals(string stored)
    {
        foreach (var (written, before) in ((string, string)[])[("_quantization.dequantized", ""), (".quantized_bias", ".bias")])
            if (stored.EndsWith(written, StringComparison.Ordinal) && stored.Length > written.Length) return stored[..^written.Length] + before;
        return $"{stored}.reals";
    }

    private static IEnumerable<(string Node, int Input)> ReadersOf(GraphView view, string tensor) =>
        view.ConsumersOf(tensor).Where(c => !ExistingQuantization.IsQuantizeDequantize(c))
            .SelectMany(c => c.Input.Select((name, i) => (name, i)).Where(x => x.name == tensor).Select(x => (view.NameOf(c), x.i)));

    // Through what only moves numbers, to a layer.
    private static bool IsOfLayer(QdqModel qdq, string tensor) =>
        qdq.View.ConsumersOf(tensor).Any(c => s_layers.Contains(c.OpType) || (qdq.IsConstant(c.OutputAt(0)) && IsOfLayer(qdq, c.OutputAt(0))));

    private static bool IsOnlyReader(GraphView view, NodeProto quantize) =>
        quantize.OpType == OpNames.QuantizeLinear && !view.IsOutput(quantize.OutputAt(0)) && view.ConsumersOf(quantize.OutputAt(0)).Count == 1;
}
