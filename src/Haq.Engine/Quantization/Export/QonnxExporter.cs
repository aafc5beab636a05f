using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Writes a quantized model in QONNX's form (fastmachinelearning/qonnx, operators of version 1), which FINN, hls4ml and qonnx read: real tensors that pass through Quant nodes of any
/// width. Activations are unsigned with a zero point, weights signed and narrow with a scale per output channel, weights of one bit BipolarQuant, biases Quant of 32 bits.
/// </summary>
public static class QonnxExporter
{
    /// <summary>The oldest operator set that a model can have here: its Clip and quantization operators take their numbers as inputs.</summary>
    public const int Opset = 13;

    private const int DomainVersion = 1, BiasBits = 32;

    /// <summary>The model to save. Same input, same bytes; names of inputs and outputs, metadata and everything that is not quantized are the original's.</summary>
    /// <exception cref="HaqException">Weights are quantized in blocks, which a Quant node cannot say (HAQ0403).</exception>
    public static OnnxModel Export(QuantizedModel quantized)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        var source = new GraphView(quantized.Model);
        var model = quantized.Model.Clone();
        var nodes = model.Graph.Node.ToDictionary(n => n.Name, StringComparer.Ordinal);
        var patch = new GraphPatch(model, "write QONNX");
        foreach (var readers in quantized.Layers.Where(l => l.Activation is not null).GroupBy(l => l.Found.Input))
        {
            foreach (var alike in readers.GroupBy(l => l.Activation!.Value))
                Activation(patch, readers.Key, alike.Key, [.. alike.Select(l => (nodes[l.Found.Name], l.ActivationInput))]);
        }
        foreach (var (junction, quantizer) in quantized.Junctions)
        {
            if (junction.IsOutput) Last(patch, nodes[source.ProducerOf(junction.Tensor)!.Name], junction.Tensor, quantizer);
            else Activation(patch, junction.Tensor, quantizer, [.. junction.Readers.Select(r => (nodes[r.Node], r.Input))]);
        }
        var written = new Dictionary<(string, QuantizedWeights), string>();
        foreach (var layer in quantized.Layers)
        {
            var node = nodes[layer.Found.Name];
            if (layer.Weights is { } weights)
            {
                var found = layer.Found;
                patch.Read(node, found.WeightInput, Weights(quantized, patch, written, found.Weight, found.WeightShape.AsSpan(), found.OutputChannelAxis, weights, node));
            }
            if (layer.Bias is { } bias) Bias(patch, source, n => nodes[n], layer.Found, bias);
        }
        var tables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in quantized.Tables)
        {
            var node = nodes[table.Found.Name];
            patch.Read(node, 0, Table(patch, tables, table, node));
        }
        patch.Import(QonnxOperators.Domain, DomainVersion).Apply();
        UnreadConstants.Remove(model);
        PolicyMetadata.Write(model.Proto, quantized);
        TensorTypes.Complete(model, quantized.InputShapes);
        return model;
    }

    private static void Activation(GraphPatch patch, string tensor, Quantizer quantizer, IReadOnlyList<(NodeProto Node, int Input)> readers)
    {
        string stem = patch.FreshStem($"{tensor}_quant"), output = $"{stem}.quantized";
        patch.Add(Quant(patch, stem, tensor, output, quantizer), readers[0].Node);
        foreach (var (node, input) in readers) patch.Read(node, input, output);
    }

    // What leaves the network is what is left of it; who reads it inside of the network reads that, too.
    private static void Last(GraphPatch patch, NodeProto producer, string tensor, Quantizer quantizer)
    {
        string stem = patch.FreshStem($"{tensor}_quant"), real = $"{stem}.real";
        patch.Write(producer, tensor, real);
        patch.Add(Quant(patch, stem, real, tensor, quantizer), producer);
    }

    private static NodeProto Quant(GraphPatch patch, string stem, string input, string output, Quantizer quantizer)
    {
        patch.Put(TensorData.Scalar($"{stem}.scale", quantizer.Scale));
        return Quant(patch, stem, input, output, quantizer.Bits.Bits, quantizer.ZeroPoint, quantizer.Range.Min < 0 ? Integers.Signed : Integers.Unsigned);
    }

    /// <summary>The values that the integers stand for, through a node that finds the same integers again.</summary>
    private static string Weights(
        QuantizedModel quantized, GraphPatch patch, Dictionary<(string, QuantizedWeights), string> written, string tensor, ReadOnlySpan<long> shape,
            int axis, QuantizedWeights weights, NodeProto reader)
    {
        if (written.TryGetValue((tensor, weights), out string? known)) return known;
        if (weights.Block > 0)
        {
            throw DiagnosticCatalog.NotExportable.Error(quantized.Model.Name,
                $"'{reader.Name}' has weights with a scale per block, which QONNX cannot say. Use 'format: qdq', or leave out 'quantization.block'.");
        }

        string stem = patch.FreshStem($"{tensor}_quant"), output = $"{stem}.quantized";
        patch.Put(DequantizedTensor.Of($"{stem}.values", shape, weights));
        // As many dimensions as the weights have, so that it broadcasts along the channels.
        long[] dims = [.. Enumerable.Repeat(1L, shape.Length)];
        if (!weights.IsPerTensor) dims[axis] = weights.Layout.Channels;
        patch.Put(TensorData.Of($"{stem}.scale", dims, weights.IsPerTensor ? weights.Scales.AsSpan()[..1] : weights.Scales.AsSpan()));
        patch.Add(weights.Bits.Bits == 1
            ? OnnxNode.Of(QonnxOperators.BipolarQuant, [$"{stem}.values", $"{stem}.scale"], [output], $"{stem}.BipolarQuant", QonnxOperators.Domain)
            : Quant(patch, stem, $"{stem}.values", output, weights.Bits.Bits, zeroPoint: 0, Integers.Symmetric), reader);
        written.Add((tensor, weights), output);
        return output;
    }

    private static string Table(GraphPatch patch, Dictionary<string, string> written, QuantizedTable table, NodeProto reader)
    {
        if (written.TryGetValue(table.Found.Table, out string? known)) return known;
        string stem = patch.FreshStem($"{table.Found.Table}_quant"), output = $"{stem}.quantized";
        patch.Put(TableWriter.Values($"{stem}.values", table));
        patch.Put(TensorData.Of($"{stem}.scale", [1, table.Found.Width], [.. table.Columns.Select(c => c.Scale)]));
        patch.Add(Quant(patch, stem, $"{stem}.values", output, IntegerContainer.Byte.Bits, zeroPoint: 0, Integers.Unsigned), reader);
        patch.Put(TensorData.Of($"{stem}.zero_point", [1, table.Found.Width], [.. table.Columns.Select(c => (float)c.ZeroPoint)]));
        return written[table.Found.Table] = output;
    }

    private static void Bias(GraphPatch patch, GraphView source, Func<string, NodeProto> nodeOf, FoundLayer found, LayerBias bias)
    {
        var node = BiasTensor.Attach(source, patch, nodeOf, found);
        long[] shape = BiasTensor.ShapeFor(source, found);
        string name = BiasTensor.NameFor(found), stem = $"{name}_quant";
        patch.Put(TensorData.Of(bias.Integers is null ? name : $"{stem}.values", shape, bias.Values.AsSpan()));
        if (bias.Integers is null) return;
        patch.Put(TensorData.Of($"{stem}.scale", shape, bias.Scales.AsSpan()));
        patch.Add(Quant(patch, stem, $"{stem}.values", name, BiasBits, zeroPoint: 0, Integers.Signed), node);
    }

    private static NodeProto Quant(GraphPatch patch, string stem, string input, string output, int bits, int zeroPoint, Integers kind)
    {
        patch.Put(TensorData.Scalar($"{stem}.zero_point", zeroPoint));
        patch.Put(TensorData.Scalar($"{stem}.bits", bits));
        return OnnxNode.Of(QonnxOperators.Quant, [input, $"{stem}.scale", $"{stem}.zero_point", $"{stem}.bits"], [output], $"{stem}.Quant", QonnxOperators.Domain)
            .With("signed", kind == Integers.Unsigned ? 0 : 1).With("narrow", kind == Integers.Symmetric ? 1 : 0).With("rounding_mode", "ROUND");
    }

    private enum Integers
    {
        Unsigned,
        Signed,

        // Signed without the least one.
        Symmetric,
    }
}
