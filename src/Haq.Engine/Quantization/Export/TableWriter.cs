using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Export;

/// <summary>Lets lookups read 8-bit tables: rows are taken first and dequantized after, so that a run touches only the rows that it needs.</summary>
internal static class TableWriter
{
    // Unsigned, as all activations are here: ONNX Runtime refuses signed ones before operators that only move numbers.
    private const int Zero = 128;

    /// <summary>Puts the table in and the DequantizeLinear behind the lookup.</summary>
    public static void Write(GraphPatch patch, QuantizedTable table, NodeProto node, Dictionary<string, string> written)
    {
        var found = table.Found;
        if (!written.TryGetValue(found.Table, out string? stem))
        {
            stem = written[found.Table] = patch.FreshName($"{found.Table}_quantization");
            byte[] bytes = new byte[table.Weights.Values.Length];
            for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(table.Weights.Values[i] + Zero);
            patch.Put(TensorData.OfBytes($"{stem}.quantized", DataType.Uint8, [found.Rows, found.Width], bytes));
            patch.Put(TensorData.Of($"{stem}.scale", [found.Width], table.Weights.Scales.AsSpan()));
            patch.Put(TensorData.Of($"{stem}.zero_point", DataType.Uint8, [found.Width], [.. Enumerable.Repeat((long)Zero, found.Width)]));
        }
        string output = node.Output[0], rows = patch.FreshName($"{output}_quantized_rows");
        node.Input[0] = $"{stem}.quantized";
        node.Output[0] = rows;
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [rows, $"{stem}.scale", $"{stem}.zero_point"], [output], patch.FreshName($"{node.Name}.DequantizeLinear")).With("axis", -1), node);
    }

    /// <summary>The values that the table's integers stand for.</summary>
    public static TensorProto Values(string name, QuantizedTable table)
    {
        float[] values = new float[table.Weights.Layout.Count];
        table.Weights.Dequantize(values);
        return TensorData.Of(name, [table.Found.Rows, table.Found.Width], values);
    }
}
