using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Writes products whose input is quantized in every run, and Gemm nodes with blocks of weights, for which there is a kernel behind a MatMul only. ONNX Runtime (1.31.1) makes one kernel of
/// DynamicQuantizeLinear, MatMulInteger, Cast, Mul and the bias's Add; layers that read one tensor share its DynamicQuantizeLinear, and each of them is a MatMulIntegerToFloat then.
/// </summary>
internal sealed class ProductWriter(GraphPatch patch, QuantizedGraph graph, IReadOnlySet<string> twoBits)
{
    private readonly Dictionary<string, string> _quantized = new(StringComparer.Ordinal);

    /// <summary>The layer is written here, and not with a DequantizeLinear before its weights.</summary>
    public static bool Writes(QuantizedLayer layer) => layer.IsDynamic || (layer.Weights is { Block: > 0 } && layer.Found.Node.Is(OpNames.Gemm));

    /// <summary>Writes it.</summary>
    public void Write(QuantizedLayer layer)
    {
        var found = layer.Found;
        var node = graph.NodeOf(found.Name);
        string stem = patch.FreshStem($"{found.Weight}_quantization"), output = node.Output[0];
        bool ownBias = node.Is(OpNames.Gemm) && (layer.Bias is not null || node.InputAt(2).Length > 0);
        string product = ownBias ? patch.FreshName($"{output}.product") : output;
        if (layer.Bias is not null && !ownBias)
        {
            // The Add behind a MatMul, which is put in where there is none.
            BiasTensor.Put(patch, graph, layer);
            product = node.Output[0];
        }
        if (layer.IsDynamic) Dynamic(layer, node, stem, product);
        else Blocked(layer, node, stem, product);
        if (!ownBias) return;
        string bias = node.InputAt(2);
        if (layer.Bias is { } own)
        {
            bias = $"{stem}.bias";
            patch.Put(TensorData.Of(bias, [own.Values.Length], own.Values.AsSpan()));
        }
        patch.Add(OnnxNode.Of(OpNames.Add, [product, bias], [output], patch.FreshName($"{found.Name}.Add")), node);
    }

    private void Dynamic(QuantizedLayer layer, NodeProto node, string stem, string product)
    {
        string input = Quantized(node.Input[layer.ActivationInput], node), integers = $"{stem}.sums", real = $"{stem}.real", scale = $"{stem}.product_scale";
        var (values, rows, columns) = Matrix(layer);
        bool saturates = WeightWriter.MaySaturate(layer, layer.Weights!);
        var type = saturates ? DataType.Uint8 : DataType.Int8;
        int zero = saturates ? 128 : 0;
        for (int i = 0; saturates && i < values.Length; i++) values[i] += (short)zero;
        patch.Put(TensorData.OfBytes($"{stem}.quantized", type, [rows, columns], PackedElements.Pack(type, values)));
        patch.Put(TensorData.Of($"{stem}.scale", [columns], layer.Weights!.Scales.AsSpan()));
        patch.Put(TensorData.Of($"{stem}.zero_point", type, [columns], Enumerable.Repeat((long)zero, columns).ToArray()));
        patch.Add(OnnxNode.Of(OpNames.MatMulInteger, [$"{input}.quantized", $"{stem}.quantized", $"{input}.zero_point", $"{stem}.zero_point"], [integers], $"{stem}.MatMulInteger"), node);
        patch.Add(OnnxNode.Of(OpNames.Cast, [integers], [real], $"{stem}.Cast").With("to", (long)DataType.Float), node);
        patch.Add(OnnxNode.Of(OpNames.Mul, [$"{input}.scale", $"{stem}.scale"], [scale], $"{stem}.Mul"), node);
        patch.Replace(node, OnnxNode.Of(OpNames.Mul, [real, scale], [product], node.Name));
    }

    private string Quantized(string tensor, NodeProto near)
    {
        if (_quantized.TryGetValue(tensor, out string? stem)) return stem;
        stem = _quantized[tensor] = patch.FreshStem($"{tensor}_dynamic");
        patch.Add(OnnxNode.Of(OpNames.DynamicQuantizeLinear, [tensor], [$"{stem}.quantized", $"{stem}.scale", $"{stem}.zero_point"], $"{stem}.DynamicQuantizeLinear"), near);
        return stem;
    }

    private void Blocked(QuantizedLayer layer, NodeProto node, string stem, string product)
    {
        var weights = layer.Weights!;
        var (values, rows, columns) = Matrix(layer);
        var type = (twoBits.Contains(layer.Found.Name) ? IntegerContainer.TwoBits : IntegerContainer.For(weights.Bits)).Signed;
        bool across = layer.Found.OutputChannelAxis == 0;
        int blocks = rows / weights.Block;
        float[] scales = weights.Scales.ToArray();
        for (int b = 0; across && b < blocks; b++)
            for (int c = 0; c < columns; c++) scales[b * columns + c] = weights.Scales[c * blocks + b];
        patch.Put(TensorData.OfBytes($"{stem}.quantized", type, [rows, columns], PackedElements.Pack(type, values)));
        patch.Put(TensorData.Of($"{stem}.scale", [blocks, columns], scales));
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.quantized", $"{stem}.scale"], [$"{stem}.dequantized"],
            $"{stem}.DequantizeLinear").With("axis", 0).With("block_size", weights.Block), node);
        patch.Replace(node, OnnxNode.Of(OpNames.MatMul, [node.Input[layer.ActivationInput], $"{stem}.dequantized"], [product], node.Name));
    }

    /// <summary>The integers with the rows that are summed over first, as a MatMul takes them.</summary>
    private static (short[] Values, int Rows, int Columns) Matrix(QuantizedLayer layer)
    {
        var found = layer.Found;
        short[] values = layer.Weights!.Values.ToArray();
        int first = (int)found.WeightShape[0], second = (int)found.WeightShape[1];
        if (found.OutputChannelAxis == 1) return (values, first, second);
        short[] turned = new short[values.Length];
        for (int o = 0; o < first; o++)
            for (int i = 0; i < second; i++) turned[i * first + o] = values[o * second + i];
        return (turned, second, first);
    }
}
