using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Lets lookups read 8-bit tables: rows are taken first and dequantized after, so that a run touches only the rows that it needs.</summary>
internal static class TableWriter
{
    /// <summary>Puts the table in: with a DequantizeLinear behind the lookup in 8 bits, with a lookup of ONNX Runtime's own in 4.</summary>
    public static void Write(GraphPatch patch, QuantizedTable table, NodeProto node, Dictionary<string, string> written)
    {
        var found = table.Found;
        string key = table.IsInBlocks ? $"{found.Table} in blocks" : found.Table;
        bool isNew = !written.TryGetValue(key, out string? stem);
        if (isNew) stem = written[key] = patch.FreshStem($"{found.Table}_quantization");
        if (table.IsInBlocks) WriteBlocks(patch, table, node, stem!, isNew);
        else WriteColumns(patch, table, node, stem!, isNew);
    }

    private static void WriteColumns(GraphPatch patch, QuantizedTable table, NodeProto node, string stem, bool isNew)
    {
        var found = table.Found;
        if (isNew)
        {
            patch.Put(TensorData.OfBytes($"{stem}.quantized", DataType.Uint8, [found.Rows, found.Width], table.Values.ToArray()));
            patch.Put(TensorData.Of($"{stem}.scale", [found.Width], [.. table.Columns.Select(c => c.Scale)]));
            patch.Put(TensorData.Of($"{stem}.zero_point", DataType.Uint8, [found.Width], [.. table.Columns.Select(c => (long)c.ZeroPoint)]));
        }
        string output = node.Output[0], rows = patch.FreshName($"{output}_quantized_rows");
        patch.Read(node, 0, $"{stem}.quantized").Write(node, output, rows);
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [rows, $"{stem}.scale", $"{stem}.zero_point"], [output], patch.FreshName($"{node.Name}.DequantizeLinear")).With("axis", -1), node);
    }

    private static void WriteBlocks(GraphPatch patch, QuantizedTable table, NodeProto node, string stem, bool isNew)
    {
        var found = table.Found;
        if (isNew)
        {
            short[] values = [.. table.Values.ToArray().Select(v => (short)unchecked((sbyte)v))];
            patch.Put(TensorData.OfBytes($"{stem}.quantized", DataType.Int4, [found.Rows, found.Width], PackedElements.Pack(DataType.Int4, values)));
            patch.Put(TensorData.Of($"{stem}.scale", [found.Rows, found.Width / QuantizedTable.Block], table.Scales.AsSpan()));
        }
        patch.Replace(node, OnnxNode.Of(OpNames.GatherBlockQuantized, [$"{stem}.quantized", node.Input[1], $"{stem}.scale"], [node.Output[0]], node.Name, OpNames.MicrosoftDomain)
            .With("gather_axis", 0).With("quantize_axis", 1).With("block_size", QuantizedTable.Block));
    }

    /// <summary>The values that the table's integers stand for.</summary>
    public static TensorProto Values(string name, QuantizedTable table) => TensorData.Of(name, [table.Found.Rows, table.Found.Width], table.Dequantize());
}
