using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Lets lookups read 8-bit tables: rows are taken first and dequantized after, so that a run touches only the rows that it needs.</summary>
internal static class TableWriter
{
    /// <summary>Puts the table in and the DequantizeLinear behind the lookup.</summary>
    public static void Write(GraphPatch patch, QuantizedTable table, NodeProto node, Dictionary<string, string> written)
    {
        var found = table.Found;
        if (!written.TryGetValue(found.Table, out string? stem))
        {
            stem = written[found.Table] = patch.FreshStem($"{found.Table}_quantization");
            patch.Put(TensorData.OfBytes($"{stem}.quantized", DataType.Uint8, [found.Rows, found.Width], table.Values.ToArray()));
            patch.Put(TensorData.Of($"{stem}.scale", [found.Width], [.. table.Columns.Select(c => c.Scale)]));
            patch.Put(TensorData.Of($"{stem}.zero_point", DataType.Uint8, [found.Width], [.. table.Columns.Select(c => (long)c.ZeroPoint)]));
        }
        string output = node.Output[0], rows = patch.FreshName($"{output}_quantized_rows");
        node.Input[0] = $"{stem}.quantized";
        node.Output[0] = rows;
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [rows, $"{stem}.scale", $"{stem}.zero_point"], [output], patch.FreshName($"{node.Name}.DequantizeLinear")).With("axis", -1), node);
    }

    /// <summary>The values that the table's integers stand for.</summary>
    public static TensorProto Values(string name, QuantizedTable table) => TensorData.Of(name, [table.Found.Rows, table.Found.Width], table.Dequantize());
}
