using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Puts weights that share a codebook into a graph. ONNX has no type for it: indices are stored at exactly their width, cut into planes of 4, 2 and 1 bits that divide a byte, and standard
/// operators (BitShift, BitwiseAnd, BitwiseOr, Cast, Gather) put them together. ONNX Runtime does that once, when a session folds constants.
/// </summary>
internal sealed class SharedWeightWriter(GraphPatch patch)
{
    private const int Byte = 8;

    private readonly HashSet<string> _constants = new(StringComparer.Ordinal);

    /// <summary>Adds the nodes that make tensor <paramref name="name"/> before <paramref name="reader"/>; returns the name.</summary>
    public string Write(string name, long[] shape, QuantizedWeights weights, NodeProto reader)
    {
        // A dozen tensors per layer: long names would be a good part of a small file.
        string stem = patch.FreshName("shared");
        // Every plane holds whole bytes, and all planes the same number of indices.
        int padded = (weights.Values.Length + Byte - 1) / Byte * Byte;
        string? indices = null;
        for (int done = 0; done < weights.Bits;)
        {
            int width = PlaneWidth(weights.Bits - done);
            string plane = Plane($"{stem}.plane{done}", weights.Values, padded, done, width, reader);
            if (done > 0)
            {
                plane = Node(OpNames.BitwiseOr,
                [indices!, Node(OpNames.BitShift, [plane, Constant("haq.offset", done)], $"{stem}.plane{done}.placed", reader, "LEFT")], $"{stem}.indices{done}", reader);
            }

            (indices, done) = (plane, done + width);
        }
        if (padded != weights.Values.Length)
        {
            patch.Put(TensorData.Of($"{stem}.from", DataType.Int64, [1], [0]));
            patch.Put(TensorData.Of($"{stem}.to", DataType.Int64, [1], [weights.Values.Length]));
            indices = Node(OpNames.Slice, [indices!, $"{stem}.from", $"{stem}.to"], $"{stem}.trimmed", reader);
        }
        patch.Add(OnnxNode.Of(OpNames.Cast, [indices!], [$"{stem}.positions"]).With("to", (long)DataType.Int32), reader);
        patch.Put(TensorData.Of($"{stem}.codebook", [weights.Codebook.Length], weights.Codebook.AsSpan()));
        patch.Put(TensorData.Of($"{stem}.shape", DataType.Int64, [shape.Length], shape));
        string flat = Node(OpNames.Gather, [$"{stem}.codebook", $"{stem}.positions"], $"{stem}.flat", reader);
        return Node(OpNames.Reshape, [flat, $"{stem}.shape"], name, reader);
    }

    private static int PlaneWidth(int bits) => bits switch { >= Byte => Byte, >= 4 => 4, >= 2 => 2, _ => 1 };

    private string Plane(string name, ReadOnlySpan<short> indices, int padded, int offset, int width, NodeProto reader)
    {
        int perByte = Byte / width, mask = (1 << width) - 1;
        long[] packed = new long[padded / perByte];
        for (int i = 0; i < indices.Length; i++) packed[i / perByte] |= (long)(indices[i] >> offset & mask) << i % perByte * width;
        if (perByte == 1)
        {
            patch.Put(TensorData.Of(name, DataType.Uint8, [packed.Length], packed));
            return name;
        }
        patch.Put(TensorData.Of(name, DataType.Uint8, [packed.Length, 1], packed));
        string spread = Node(OpNames.BitShift, [name, Shifts(width, perByte)], $"{name}.spread", reader, "RIGHT");
        string cut = Node(OpNames.BitwiseAnd, [spread, Constant("haq.mask", mask)], $"{name}.cut", reader);
        return Node(OpNames.Reshape, [cut, Flat()], $"{name}.unpacked", reader);
    }

    private string Node(string op, string[] inputs, string output, NodeProto reader, string? direction = null)
    {
        var node = OnnxNode.Of(op, inputs, [output]);
        patch.Add(direction is null ? node : node.With("direction", direction), reader);
        return output;
    }

    private string Constant(string stem, int value) => Once($"{stem}{value}", name => TensorData.Of(name, DataType.Uint8, [1], [value]));

    private string Shifts(int width, int count) => Once($"haq.shifts{width}", name => TensorData.Of(name, DataType.Uint8, [1, count], [.. Enumerable.Range(0, count).Select(i => (long)(i * width))]));

    private string Flat() => Once("haq.flat", name => TensorData.Of(name, DataType.Int64, [1], [-1]));

    private string Once(string name, Func<string, TensorProto> make)
    {
        if (_constants.Add(name)) patch.Put(make(name));
        return name;
    }
}
