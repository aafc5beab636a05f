using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>
/// Measures what quantizing single layers does to their outputs: the float network with copies of layers beside them, each with other numbers, all on one run over the data. What a layer reads is
/// always the float network's, so that no layer's figure holds another's damage.
/// </summary>
internal static class LayerProbe
{
    private const int Rows = 4;

    /// <summary>Copies of weights in one session, in bytes, where choices are made by the figures; more variants take several sessions.</summary>
    public const long WeightMemory = 256L << 20;

    /// <summary>The same for a report. ONNX Runtime holds each copy several times.</summary>
    public const long LittleMemory = 32L << 20;

    /// <summary>The noise of each variant over the first <paramref name="samples"/> samples, with copies of weights of at most <paramref name="memory"/> bytes, or of one layer, at a time.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LayerNoise[] Run(QuantizableModel model, IReadOnlyList<LayerVariant> variants, IDataset data, int samples, long memory, CancellationToken cancellation)
    {
        var noises = new LayerNoise[variants.Count];
        for (int from = 0; from < variants.Count;)
        {
            int to = from;
            for (long bytes = 0; to < variants.Count && (to == from || bytes < memory); to++) bytes += variants[to].Weights is { } w ? w.Layout.Count * sizeof(float) : 0;
            Run(model, variants, from, to, data, samples, noises, cancellation);
            from = to;
        }
        return noises;
    }

    private static void Run(QuantizableModel model, IReadOnlyList<LayerVariant> variants, int from, int to, IDataset data, int samples, LayerNoise[] noises, CancellationToken cancellation)
    {
        using var session = new OrtSession(Instrument(model, variants, from, to, out string[] outputs), new SessionSettings { KeepQuantizationAsWritten = true });
        int[] chosen = [.. Enumerable.Range(0, Math.Min(samples, data.Count))];
        foreach (var batch in Batches.InOrder(data, chosen, Rows, cancellation))
        {
            var values = session.Run(batch.ByName, outputs);
            for (int i = from; i < to; i++) noises[i] += new LayerNoise(values[2 * (i - from)].Values<float>()[0], values[2 * (i - from) + 1].Values<float>()[0]);
            foreach (var value in values) value.Dispose();
        }
    }

    private static OnnxModel Instrument(QuantizableModel model, IReadOnlyList<LayerVariant> variants, int from, int to, out string[] outputs)
    {
        var graph = ModelBuilder.From(model.Float);
        var sources = new Dictionary<(string, Quantizer), string>();
        var names = new List<string>();
        for (int i = from; i < to; i++)
        {
            var variant = variants[i];
            var found = model.Layers[variant.Layer];
            string stem = string.Create(CultureInfo.InvariantCulture, $"haq/probe/{i}"), output = $"{stem}/output";
            var node = OnnxNode.Like(found.Node, found.Node.Input, [output], stem);
            if (variant.Activation is { } quantizer) node.Reading(1 - found.WeightInput, Quantized(graph, sources, found.Input, quantizer));
            if (variant.Weights is { } weights)
            {
                graph.Constant(DequantizedTensor.Of($"{stem}/weights", found.WeightShape.AsSpan(), weights));
                node.Reading(found.WeightInput, $"{stem}/weights");
            }
            graph.Node(node);
            string reference = found.Output;
            if (variant.Bias is { } bias && BiasPlace.Of(model.View, found) is { } place)
            {
                graph.Constant(TensorData.Of($"{stem}/bias", place.Shape, bias.Values.AsSpan()));
                if (!found.Node.Is(OpNames.MatMul))
                {
                    node.Reading(2, $"{stem}/bias");
                }
                else
                {
                    graph.Node(OnnxNode.Of(OpNames.Add, [output, $"{stem}/bias"], [$"{stem}/sum"], $"{stem}/Add"));
                    output = $"{stem}/sum";
                    if (place.Added is { } added) reference = added.Output[0];
                }
            }
            graph.Node(OnnxNode.Of(OpNames.Sub, [output, reference], [$"{stem}/difference"], $"{stem}/Sub"));
            names.Add(SumOfSquares(graph, reference, $"{stem}/signal"));
            names.Add(SumOfSquares(graph, $"{stem}/difference", $"{stem}/noise"));
        }
        outputs = [.. names];
        return graph.Show(names).Build();
    }

    private static string Quantized(ModelBuilder graph, Dictionary<(string, Quantizer), string> known, string tensor, Quantizer quantizer)
    {
        if (known.TryGetValue((tensor, quantizer), out string? name)) return name;
        string stem = string.Create(CultureInfo.InvariantCulture, $"haq/probe/input/{known.Count}");
        var type = IntegerContainer.ForActivations(quantizer.Bits).TypeFor(quantizer.Range);
        graph.Constant(TensorData.Scalar($"{stem}/low", quantizer.Lowest));
        graph.Constant(TensorData.Scalar($"{stem}/high", quantizer.Highest));
        graph.Constant(TensorData.Scalar($"{stem}/scale", quantizer.Scale));
        graph.Constant(TensorData.Scalar($"{stem}/zero", type, quantizer.ZeroPoint));
        graph.Node(OnnxNode.Of(OpNames.Clip, [tensor, $"{stem}/low", $"{stem}/high"], [$"{stem}/clipped"], $"{stem}/Clip"));
        graph.Node(OnnxNode.Of(OpNames.QuantizeLinear, [$"{stem}/clipped", $"{stem}/scale", $"{stem}/zero"], [$"{stem}/integers"], $"{stem}/QuantizeLinear"));
        graph.Node(OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}/integers", $"{stem}/scale", $"{stem}/zero"], [$"{stem}/values"], $"{stem}/DequantizeLinear"));
        return known[(tensor, quantizer)] = $"{stem}/values";
    }

    private static string SumOfSquares(ModelBuilder graph, string tensor, string name)
    {
        graph.Node(OnnxNode.Of("ReduceSumSquare", [tensor], [name], name).With("keepdims", 0));
        return name;
    }
}
