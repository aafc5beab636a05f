using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>
/// What a model computes, apart from the names in it and from the values of its weights: its operators and attributes, how they are joined, the types and extents of what they read and give,
/// and the short constants that decide about what is computed. Models with the same digest take the same time.
/// </summary>
internal static class ProbeDigest
{
    private const int Digits = 8, MostValues = 64;

    // Their constants are weights, scales and zero points, whose values do not matter to time.
    private static readonly HashSet<string> s_arithmetic =
    [
        OpNames.QuantizeLinear, OpNames.DequantizeLinear, OpNames.Conv, OpNames.ConvTranspose, OpNames.Gemm, OpNames.MatMul, OpNames.Add, OpNames.Sub, OpNames.Mul, OpNames.Div,
        OpNames.BatchNormalization, OpNames.InstanceNormalization, OpNames.GroupNormalization, OpNames.LayerNormalization,
    ];

    /// <summary>The digest, as lower-case hexadecimal digits.</summary>
    public static string Of(OnnxModel model)
    {
        var text = new StringBuilder();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var set in model.Proto.OpsetImport.OrderBy(o => o.Domain, StringComparer.Ordinal)) text.Append($"{set.Domain}:{set.Version};");
        foreach (var input in model.Graph.Input) text.Append($"in {Number(input.Name)} {TypeOf(input)};");
        var constants = model.Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var node in model.Graph.Node)
        {
            text.Append($"{node.Domain}:{node.OpType}(");
            foreach (string input in node.Input) text.Append(constants.TryGetValue(input, out var constant) ? $"{Describe(constant, model.External, s_arithmetic.Contains(node.OpType))} #{Number(input)}," : $"{Number(input)},");
            text.Append(')');
            foreach (var attribute in node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal)) text.Append(attribute.ToByteString().ToBase64());
            text.Append("->").AppendJoin(',', node.Output.Select(Number)).Append(';');
        }
        foreach (var output in model.Graph.Output) text.Append($"out {Number(output.Name)} {TypeOf(output)};");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..Digits];

        int Number(string name)
        {
            if (names.TryGetValue(name, out int number)) return number;
            return names[name] = names.Count;
        }
    }

    // Short lists are axes, shapes, factors and bounds, which decide about what is computed; other values are weights.
    private static string Describe(TensorProto constant, ExternalData external, bool isOperand)
    {
        var type = TensorData.TypeOf(constant);
        string dims = string.Join('x', constant.Dims);
        if (TensorData.Count(constant) > MostValues) return $"{type} {dims}";
        return type switch
        {
            DataType.Int64 => $"{type} {dims} {string.Join(',', TensorData.ToLongs(constant, external))}",
            DataType.Int32 or DataType.Float or DataType.Float16 or DataType.Double when !isOperand => $"{type} {dims} {Convert.ToHexString(TensorData.Bytes(constant, external).Span)}",
            _ => $"{type} {dims}",
        };
    }

    private static string TypeOf(ValueInfoProto value) =>
        $"{(DataType)(value.Type?.TensorType?.ElemType ?? 0)} {string.Join('x', value.Type?.TensorType?.Shape?.Dim.Select(d => d.DimValue) ?? [])}";
}
