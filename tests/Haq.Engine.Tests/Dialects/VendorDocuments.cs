using Google.Protobuf;
using Onnx;

namespace Haq.Engine.Tests.Dialects;

/// <summary>
/// A second reading of the vendors' documents that shares no code with the engine's: it looks at a file's messages and knows neither profiles nor exporters.
/// TensorRT: onnx-tensorrt docs/operators.md (96e7811). QNN: onnxruntime-qnn QNN-ExecutionProvider.md (0131740) and quant_config.py. Quark: XINT8 is symmetric INT8 with power-of-two scales.
/// ST: stneuralart_operator_support.html (8b/8b, ss/sa per channel).
/// </summary>
internal static class VendorDocuments
{
    private const int Float = 1, Uint8 = 2, Int8 = 3, Uint16 = 4, Int32 = 6, Int4 = 22;

    public static List<string> Violations(string target, ModelProto model)
    {
        var file = new Reading(model.Graph);
        List<string> found = [];
        switch (target)
        {
            case "tensorrt":
                foreach (var pair in file.Pairs)
                {
                    if (file.ZeroPoints(pair).Any(z => z != 0)) found.Add($"{pair.Name}: zero point must be 0");
                    if (file.TypeOf(pair) is not (Int8 or Int4)) found.Add($"{pair.Name}: {file.TypeOf(pair)} is not INT8 or INT4");
                }
                break;
            case "qnn":
                foreach (var input in model.Graph.Input.Where(i => !file.Constants.ContainsKey(i.Name)))
                    if (input.Type.TensorType.Shape.Dim.Any(d => d.DimValue <= 0)) found.Add($"{input.Name}: dynamic shape");
                found.AddRange(WithoutPairs(file, model.Graph));
                found.AddRange(Types(file, [Uint8, Uint16]));
                found.AddRange(Biases(file, product: false));
                foreach (var pair in file.Pairs.Where(p => p.OpType == "QuantizeLinear" && file.TypeOf(p) == Uint16))
                {
                    string? maker = file.Makers.TryGetValue(pair.Input[0], out var node) ? node.OpType : null;
                    if (maker == "Sigmoid" && (file.Scales(pair)[0] != 1f / 65536 || file.ZeroPoints(pair)[0] != 0)) found.Add($"{pair.Name}: Sigmoid has scale 1/65536, zero point 0");
                    if (maker == "Tanh" && (file.Scales(pair)[0] != 1f / 32768 || file.ZeroPoints(pair)[0] != 32768)) found.Add($"{pair.Name}: Tanh has scale 1/32768, zero point 32768");
                }
                foreach (var (layer, weights) in file.Weights)
                {
                    if (file.Scales(weights).Length > 1
                        && (file.ZeroPoints(weights).Any(z => z != 0) || AxisOf(weights) != (layer.OpType == "ConvTranspose" ? 1 : 0))
                        && layer.OpType.StartsWith("Conv", StringComparison.Ordinal))
                    {
                        found.Add($"{layer.Name}: weights per channel are symmetric, along axis 0 (Conv) or 1 (ConvTranspose)");
                    }
                }

                break;
            case "vitis-ai":
                foreach (var pair in file.Pairs.Where(p => file.TypeOf(p) != Int32))
                {
                    if (file.TypeOf(pair) != Int8 || file.ZeroPoints(pair).Any(z => z != 0) || file.Scales(pair).Length != 1) found.Add($"{pair.Name}: INT8, zero point 0, one scale");
                    if (file.Scales(pair).Any(s => Math.Log2(s) != Math.Round(Math.Log2(s)))) found.Add($"{pair.Name}: the scale is a power of two");
                }
                found.AddRange(WithoutPairs(file, model.Graph));
                foreach (var conv in model.Graph.Node.Where(n => n.OpType == "Conv"))
                {
                    foreach (string name in (string[])["kernel_shape", "strides", "pads", "dilations", "group"])
                        if (conv.Attribute.All(a => a.Name != name)) found.Add($"{conv.Name}: {name} is not written out");
                }

                break;
            case "st-neural-art":
                found.AddRange(Types(file, [Int8]));
                found.AddRange(WithoutPairs(file, model.Graph));
                found.AddRange(Biases(file, product: true));
                foreach (var (layer, weights) in file.Weights)
                    if (file.TypeOf(weights) is not (Int8 or Int4) || file.ZeroPoints(weights).Any(z => z != 0)) found.Add($"{layer.Name}: weights are signed and symmetric");
                break;
        }
        return found;
    }

    private static IEnumerable<string> Types(Reading file, int[] types) =>
        file.Pairs.Where(p => p.OpType == "QuantizeLinear" && !file.Constants.ContainsKey(p.Input[0]) && !types.Contains(file.TypeOf(p))).Select(p => $"{p.Name}: activations of type {file.TypeOf(p)}");

    private static IEnumerable<string> Biases(Reading file, bool product)
    {
        foreach (var node in file.Layers.Where(n => n.Input.Count > 2 && n.Input[2].Length > 0))
        {
            if (!file.Makers.TryGetValue(node.Input[0], out var input) || input.OpType != "DequantizeLinear") continue;
            if (!file.Makers.TryGetValue(node.Input[2], out var bias) || file.TypeOf(bias) != Int32)
            {
                yield return $"{node.Name}: the bias is INT32";
            }
            else if (product && file.Makers.TryGetValue(node.Input[1], out var weights))
            {
                for (int i = 0; i < file.Scales(weights).Length; i++)
                {
                    if (Math.Abs(file.Scales(bias)[Math.Min(i, file.Scales(bias).Length - 1)] / (
                        (double)file.Scales(input)[0] * file.Scales(weights)[i]) - 1) > 1e-5)
                    {
                        yield return $"{node.Name}: the bias's scale is the product";
                    }
                }
            }
        }
    }

    // Every real between two operators goes through a pair, but for what a Relu or Clip takes up.
    private static IEnumerable<string> WithoutPairs(Reading file, GraphProto graph)
    {
        foreach (var node in graph.Node.Where(n => n.OpType is not ("QuantizeLinear" or "DequantizeLinear" or "Constant")))
        {
            foreach (string input in node.Input.Where(i => i.Length > 0 && file.IsReal(i) && !file.Constants.ContainsKey(i)))
            {
                if (!file.Makers.TryGetValue(input, out var maker)) yield return $"{node.Name}: reads the input {input} in reals";
                else if (maker.OpType != "DequantizeLinear" && node.OpType is not ("Relu" or "Clip") && !file.FromConstants(maker)) yield return $"{node.Name}: reads {input} in reals";
            }
        }
        foreach (var output in graph.Output.Where(o => o.Type.TensorType.ElemType == Float))
            if (file.Makers.TryGetValue(output.Name, out var maker) && maker.OpType != "DequantizeLinear") yield return $"{output.Name}: leaves in reals";
    }

    private static long AxisOf(NodeProto node) => node.Attribute.FirstOrDefault(a => a.Name == "axis")?.I ?? 1;

    private sealed class Reading
    {
        private readonly Dictionary<string, int> _types = new(StringComparer.Ordinal);

        public Reading(GraphProto graph)
        {
            foreach (var tensor in graph.Initializer) Constants[tensor.Name] = tensor;
            foreach (var node in graph.Node) foreach (string output in node.Output) Makers[output] = node;
            foreach (var info in graph.Input.Concat(graph.ValueInfo).Concat(graph.Output)) _types[info.Name] = info.Type.TensorType.ElemType;
            Pairs = [.. graph.Node.Where(n => n.OpType is "QuantizeLinear" or "DequantizeLinear")];
            Layers = [.. graph.Node.Where(n => n.OpType is "Conv" or "ConvTranspose" or "Gemm")];
        }

        public Dictionary<string, TensorProto> Constants { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, NodeProto> Makers { get; } = new(StringComparer.Ordinal);

        public List<NodeProto> Pairs { get; }

        public List<NodeProto> Layers { get; }

        public IEnumerable<(NodeProto Layer, NodeProto Weights)> Weights =>
            Layers.Where(l => Makers.ContainsKey(l.Input[1])).Select(l => (l, Makers[l.Input[1]])).Where(x => x.Item2.OpType == "DequantizeLinear");

        public bool IsReal(string tensor) => _types.TryGetValue(tensor, out int type) ? type == Float : Makers.TryGetValue(tensor, out var maker) && maker.OpType == "DequantizeLinear";

        public bool FromConstants(NodeProto node) => node.Input.All(i => Constants.ContainsKey(i) || (Makers.TryGetValue(i, out var maker) && FromConstants(maker)));

        public int TypeOf(NodeProto pair) => pair.Input.Count > 2 ? Constants[pair.Input[2]].DataType : Constants.TryGetValue(pair.Input[0], out var stored) ? stored.DataType : Uint8;

        public float[] Scales(NodeProto pair)
        {
            var tensor = Constants[pair.Input[1]];
            return tensor.RawData.IsEmpty ? [.. tensor.FloatData] : [.. Enumerable.Range(0, tensor.RawData.Length / 4).Select(i => BitConverter.ToSingle(tensor.RawData.Span[(4 * i)..]))];
        }

        public long[] ZeroPoints(NodeProto pair)
        {
            if (pair.Input.Count < 3) return [0];
            var tensor = Constants[pair.Input[2]];
            ByteString raw = tensor.RawData;
            return tensor.DataType switch
            {
                Uint8 => [.. raw.Select(b => (long)b)],
                Int8 => [.. raw.Select(b => (long)(sbyte)b)],
                Uint16 => [.. Enumerable.Range(0, raw.Length / 2).Select(i => (long)BitConverter.ToUInt16(raw.Span[(2 * i)..]))],
                Int32 => [.. Enumerable.Range(0, raw.Length / 4).Select(i => (long)BitConverter.ToInt32(raw.Span[(4 * i)..]))],
                Int4 => [.. raw.Select(b => (long)b)],
                _ => [long.MinValue],
            };
        }
    }
}
