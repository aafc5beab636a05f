using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests;

/// <summary>Counts the widths in an exported file by looking at its nodes and stored types alone: nothing that the exporter knows or writes beside them is used.</summary>
internal sealed class ExportedWidths
{
    private readonly Dictionary<string, NodeProto> _producer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants;

    private ExportedWidths(ModelProto model)
    {
        _constants = model.Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var node in model.Graph.Node)
            foreach (string output in node.Output) _producer[output] = node;
        foreach (var node in model.Graph.Node)
        {
            if (node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" && node.Input.Take(2).Any(i => IsConstant(i)))
            {
                int weight = IsConstant(node.Input[1]) ? 1 : 0;
                LayersByNode[node.Name] = (WidthOf(node.Input[weight]), WidthOf(node.Input[1 - weight]));
            }
            if (node.OpType == "QuantizeLinear") Quantized[node.Input[0]] = WidthOfType(_constants[node.Input[2]].DataType);
        }
    }

    /// <summary>Weights' and activations' widths of every layer, by the node's name; 32 where it reads floating point.</summary>
    public Dictionary<string, (int Weights, int Activations)> LayersByNode { get; } = new(StringComparer.Ordinal);

    /// <summary>The width of every tensor that a QuantizeLinear reads.</summary>
    public Dictionary<string, int> Quantized { get; } = new(StringComparer.Ordinal);

    public static ExportedWidths Of(string file) => new(OnnxModel.Load(file).Proto);

    private bool IsConstant(string tensor) =>
        _constants.ContainsKey(tensor) || (_producer.TryGetValue(tensor, out var node) && node.OpType is "DequantizeLinear" or "Reshape" && _constants.ContainsKey(node.Input[0]));

    private int WidthOf(string tensor)
    {
        if (!_producer.TryGetValue(tensor, out var node) || node.OpType != "DequantizeLinear") return 32;
        return _constants.TryGetValue(node.Input[0], out var stored) ? WidthOfType(stored.DataType)
            : _producer.TryGetValue(node.Input[0], out var quantize) && quantize.OpType == "QuantizeLinear" ? WidthOfType(_constants[quantize.Input[2]].DataType) : 32;
    }

    private static int WidthOfType(int type) => (DataType)type switch
    {
        DataType.Int4 or DataType.Uint4 => 4,
        DataType.Int8 or DataType.Uint8 => 8,
        DataType.Int16 or DataType.Uint16 => 16,
        var other => throw new InvalidDataException($"{other} is no type that a quantizer writes"),
    };
}
