using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// The float model with the engine's one-pass quantizer where the exported model has Clip, QuantizeLinear and DequantizeLinear, and with placeholders for what a policy brings.
/// The quantizer computes the same numbers; whatever limits the tensor before it, limits it less.
/// </summary>
internal sealed class PlaceholderGraph
{
    private PlaceholderGraph(OnnxModel model, List<Placeholder> placeholders) => (Model, Placeholders) = (model, placeholders);

    /// <summary>The graph; it has no initializers for the placeholders.</summary>
    public OnnxModel Model { get; }

    /// <summary>What is still to be filled in.</summary>
    public IReadOnlyList<Placeholder> Placeholders { get; }

    /// <summary>The graph for all policies that give the same layers weights, biases and quantizers as <paramref name="quantized"/> does.</summary>
    public static PlaceholderGraph Of(QuantizedModel quantized)
    {
        var source = new GraphView(quantized.Model);
        var model = quantized.Model.Clone();
        TensorTypes.Complete(model, quantized.InputShapes);
        var nodes = model.Graph.Node.ToDictionary(n => n.Name, StringComparer.Ordinal);
        var patch = new GraphPatch(model, "leave placeholders for policies");
        var placeholders = new List<Placeholder>();
        foreach (var readers in quantized.Layers.Where(l => l.Activation is not null).GroupBy(l => l.Found.Input))
        {
            var first = readers.First();
            string stem = patch.FreshStem($"{readers.Key}_quantization"), quantizedName = $"{stem}.value";
            var quantizer = OnnxNode.Of(FakeQuantizeOperator.Name, [readers.Key, $"{stem}.scale", $"{stem}.limits"], [quantizedName], stem, GraphBuilder.CustomDomain);
            patch.Add(quantizer, nodes[first.Found.Name]);
            foreach (var reader in readers) patch.Read(nodes[reader.Found.Name], reader.ActivationInput, quantizedName);
            placeholders.Add(new Placeholder(PlaceholderKind.Scale, first.Found.Layer.Index, $"{stem}.scale", [1]));
            placeholders.Add(new Placeholder(PlaceholderKind.Limits, first.Found.Layer.Index, $"{stem}.limits", [4]));
        }
        for (int j = 0; j < quantized.Junctions.Length; j++)
        {
            var junction = quantized.Junctions[j].Junction;
            string stem = patch.FreshStem($"{junction.Tensor}_quantization"), read = junction.Tensor, result = $"{stem}.value";
            if (junction.IsOutput)
            {
                var producer = model.Graph.Node.First(n => n.Output.Contains(junction.Tensor));
                (read, result) = ($"{stem}.real", junction.Tensor);
                patch.Write(producer, junction.Tensor, read);
            }
            patch.Add(OnnxNode.Of(FakeQuantizeOperator.Name, [read, $"{stem}.scale", $"{stem}.limits"], [result], stem, GraphBuilder.CustomDomain),
                junction.IsOutput ? null : nodes[junction.Readers[0].Node]);
            if (!junction.IsOutput) foreach (var (reader, input) in junction.Readers) patch.Read(nodes[reader], input, result);
            placeholders.Add(new Placeholder(PlaceholderKind.JunctionScale, j, $"{stem}.scale", [1]));
            placeholders.Add(new Placeholder(PlaceholderKind.JunctionLimits, j, $"{stem}.limits", [4]));
        }
        foreach (var table in quantized.Tables)
        {
            string name = $"{table.Found.Name}.quantized_table";
            patch.Put(TableWriter.Values(name, table));
            patch.Read(nodes[table.Found.Name], 0, name);
        }
        foreach (var layer in quantized.Layers)
        {
            var node = nodes[layer.Found.Name];
            if (layer.Weights is not null)
            {
                var placeholder = new Placeholder(PlaceholderKind.Weights, layer.Found.Layer.Index, $"{layer.Found.Name}.quantized_weight", layer.Found.WeightShape);
                patch.Read(node, layer.Found.WeightInput, placeholder.Name);
                placeholders.Add(placeholder);
            }
            if (layer.Bias is not null)
            {
                BiasTensor.Attach(source, patch, name => nodes[name], layer.Found);
                placeholders.Add(new Placeholder(PlaceholderKind.Bias, layer.Found.Layer.Index, BiasTensor.NameFor(layer.Found), [.. BiasTensor.ShapeFor(source, layer.Found)]));
            }
        }
        foreach (var placeholder in placeholders) patch.Put(TensorData.Of(placeholder.Name, placeholder.Dims.AsSpan(), new float[placeholder.Count]));
        patch.Import(GraphBuilder.CustomDomain, 1).Apply();
        UnreadConstants.Remove(model);
        Describe(model);
        OpenConstants.Drop(model.Graph, placeholders.Select(h => h.Name).ToHashSet(StringComparer.Ordinal));
        return new PlaceholderGraph(model, placeholders);
    }

    // ONNX Runtime knows nothing of what our operator makes. What follows it must have a known shape all the same, or it is not moved into blocked maps as it is in the plain form: an average adds in
    // another order then, and 16 bits see its last digit.
    private static void Describe(OnnxModel model)
    {
        var known = model.Graph.ValueInfo.Concat(model.Graph.Input).Concat(model.Graph.Output).DistinctBy(i => i.Name).ToDictionary(i => i.Name, StringComparer.Ordinal);
        foreach (var quantizer in model.Graph.Node.Where(n => n.Domain == GraphBuilder.CustomDomain))
        {
            if (known.ContainsKey(quantizer.Output[0]) || !known.TryGetValue(quantizer.Input[0], out var read)) continue;
            var made = read.Clone();
            made.Name = quantizer.Output[0];
            model.Graph.ValueInfo.Add(made);
        }
    }
}
