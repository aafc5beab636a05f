namespace Haq.Engine.Onnx.Shapes;

/// <summary>Matrix products.</summary>
internal static class MatrixShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Gemm", Gemm), ("com.microsoft:FusedGemm", Gemm), ("MatMul", c => MatMul(c, c.Shape(0), c.Shape(1), c.TypeOf(0))),
        ("MatMulInteger", c => MatMul(c, c.Shape(0), c.Shape(1), DataType.Int32)), ("QLinearMatMul", c => MatMul(c, c.Shape(0), c.Shape(3), c.TypeOf(7))),
        ("com.microsoft:MatMulIntegerToFloat", c => MatMul(c, c.Shape(0), c.Shape(1), c.TypeOf(2))),
        ("com.microsoft:DynamicQuantizeMatMul", c => MatMul(c, c.Shape(0), c.Shape(1), DataType.Float)),
        ("com.microsoft:FusedMatMul", FusedMatMul), ("com.microsoft:MatMulNBits", c => c.Out(0, c.TypeOf(0), [.. c.Shape(0)[..^1], c.Int("N", 0)])),
        ("Einsum", Einsum), ("Attention", Attention), ("com.microsoft:Attention", PackedAttention), ("com.microsoft:QAttention", PackedAttention),
        ("com.microsoft:MultiHeadAttention", c => c.Out(0, c.TypeOf(0), c.Shape(0))), ("Det", c => c.Out(0, c.TypeOf(0), c.Shape(0)[..^2])),
        ("com.microsoft:EmbedLayerNormalization", Embed),
    ];

    private static void Gemm(ShapeContext c)
    {
        long[] a = c.Shape(0), b = c.Shape(1);
        if (a.Length != 2 || b.Length != 2) throw c.Bad("both operands must be matrices");
        bool transA = c.Int("transA", 0) != 0, transB = c.Int("transB", 0) != 0;
        if (a[transA ? 0 : 1] != b[transB ? 1 : 0]) throw c.Bad($"[{string.Join(',', a)}] times [{string.Join(',', b)}]");
        c.Out(0, c.TypeOf(0), [a[transA ? 1 : 0], b[transB ? 0 : 1]]);
    }

    private static void FusedMatMul(ShapeContext c)
    {
        long[] a = c.Shape(0), b = c.Shape(1);
        if (c.Int("transA", 0) != 0) (a[^1], a[^2]) = (a[^2], a[^1]);
        if (c.Int("transB", 0) != 0) (b[^1], b[^2]) = (b[^2], b[^1]);
        MatMul(c, a, b, c.TypeOf(0));
    }

    private static void MatMul(ShapeContext c, long[] a, long[] b, DataType type)
    {
        if (a.Length == 0 || b.Length == 0) throw c.Bad("an operand is a scalar");
        long[] x = a.Length == 1 ? [1, a[0]] : a, y = b.Length == 1 ? [b[0], 1] : b;
        if (x[^1] != y[^2] || Broadcast.Join(x[..^2], y[..^2]) is not { } outer) throw c.Bad($"[{string.Join(',', a)}] times [{string.Join(',', b)}]");
        List<long> shape = [.. outer];
        if (a.Length > 1) shape.Add(x[^2]);
        if (b.Length > 1) shape.Add(y[^1]);
        c.Out(0, type, shape.ToArray());
    }

    private static void Einsum(ShapeContext c)
    {
        string equation = c.Node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (terms.Length != c.InputCount) throw c.Bad($"the equation '{equation}' has {terms.Length} terms");
        var extents = new Dictionary<char, long>();
        long[] ellipsis = [];
        for (int t = 0; t < terms.Length; t++)
        {
            long[] shape = c.Shape(t);
            int dots = terms[t].IndexOf("...", StringComparison.Ordinal);
            string letters = terms[t].Replace("...", "", StringComparison.Ordinal);
            int hidden = shape.Length - letters.Length;
            if (hidden < 0 || (dots < 0 && hidden > 0)) throw c.Bad($"term '{terms[t]}' does not fit rank {shape.Length}");
            if (dots >= 0) ellipsis = Broadcast.Join(ellipsis, shape[dots..(dots + hidden)]) ?? throw c.Bad("the leading extents do not broadcast");
            for (int i = 0; i < letters.Length; i++)
            {
                long extent = shape[dots >= 0 && i >= dots ? i + hidden : i];
                if (!extents.TryGetValue(letters[i], out long known) || known == 1) extents[letters[i]] = extent;
            }
        }
        // Without an arrow the result has the letters that occur once, in alphabetical order.
        string all = sides[0].Replace(",", "", StringComparison.Ordinal);
        string result = sides.Length > 1 ? sides[1]
            : (all.Contains("...", StringComparison.Ordinal) ? "..." : "") + string.Concat(all.Where(char.IsLetter).GroupBy(l => l).Where(g => g.Count() == 1).Select(g => g.Key).Order());
        int at = result.IndexOf("...", StringComparison.Ordinal);
        string named = result.Replace("...", "", StringComparison.Ordinal);
        List<long> dims = [.. named.Select(l => extents[l])];
        if (at >= 0) dims.InsertRange(at, ellipsis);
        c.Out(0, c.TypeOf(0), dims.ToArray());
    }

    // Opset 23: Q [B,heads,S,d] or [B,S,heads*d], V likewise.
    private static void Attention(ShapeContext c)
    {
        long[] q = c.Shape(0), k = c.Shape(1), v = c.Shape(2);
        if (q.Length == 4) c.Out(0, c.TypeOf(0), [q[0], q[1], q[2], v[3]]);
        else c.Out(0, c.TypeOf(0), [q[0], q[1], v[2] / c.Int("kv_num_heads", 1) * c.Int("q_num_heads", 1)]);
        if (q.Length != 4 || c.OutputCount == 1) return;
        long past = c.Has(4) ? c.Shape(4)[2] : 0;
        c.Out(1, c.TypeOf(1), [k[0], k[1], past + k[2], k[3]]);
        c.Out(2, c.TypeOf(2), [v[0], v[1], past + v[2], v[3]]);
    }

    // com.microsoft: [B,S,hidden] with Q, K and V in one weight [hidden, 3*hidden'].
    private static void PackedAttention(ShapeContext c)
    {
        long[] x = c.Shape(0), w = c.Shape(1);
        long[]? sizes = c.Node.Ints("qkv_hidden_sizes");
        long hidden = sizes is { Length: 3 } ? sizes[2] : w[^1] / 3;
        c.Out(0, c.Node.OpType == "QAttention" ? c.TypeOf(3) : c.TypeOf(0), [x[0], x[1], hidden]);
        long heads = c.Int("num_heads", 1);
        int pastInput = c.Node.OpType == "QAttention" ? 8 : 4;
        long past = c.Has(pastInput) ? c.Shape(pastInput)[3] : 0;
        c.Out(1, c.Node.OpType == "QAttention" ? c.TypeOf(3) : c.TypeOf(0), [2, x[0], heads, past + x[1], hidden / heads]);
    }

    private static void Embed(ShapeContext c)
    {
        long[] ids = c.Shape(0), words = c.Shape(2);
        c.Out(0, c.TypeOf(2), [.. ids, words[1]]);
        c.Out(1, DataType.Int32, [ids[0]]);
    }
}
