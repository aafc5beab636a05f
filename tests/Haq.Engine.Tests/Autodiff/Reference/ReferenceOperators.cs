namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>Forward definitions of the operators, from the ONNX specification, in double precision.</summary>
internal static class ReferenceOperators
{
    public static NdArray[] Run(ReferenceNode n) => s_operators.TryGetValue(n.Proto.OpType, out var run)
        ? run(n)
        : throw new NotSupportedException($"the reference has no {n.Proto.OpType}");

    private static readonly Dictionary<string, Func<ReferenceNode, NdArray[]>> s_operators = new()
    {
        ["Identity"] = n => [n.X], ["Cast"] = n => [n.X], ["Dropout"] = n => [n.X],
        ["Neg"] = Map(v => -v), ["Abs"] = Map(Math.Abs), ["Sqrt"] = Map(Math.Sqrt), ["Exp"] = Map(Math.Exp), ["Log"] = Map(Math.Log),
        ["Reciprocal"] = Map(v => 1 / v), ["Erf"] = Map(Erf), ["Sin"] = Map(Math.Sin), ["Cos"] = Map(Math.Cos),
        ["Relu"] = Map(v => Math.Max(v, 0)), ["Sigmoid"] = Map(Sigmoid), ["Tanh"] = Map(Math.Tanh), ["Softplus"] = Map(v => Math.Log(1 + Math.Exp(v))),
        ["Softsign"] = Map(v => v / (1 + Math.Abs(v))), ["HardSwish"] = Map(v => v * Math.Clamp(v / 6 + 0.5, 0, 1)),
        ["Mish"] = Map(v => v * Math.Tanh(Math.Log(1 + Math.Exp(v)))),
        ["LeakyRelu"] = n => [n.X.Map(v => v > 0 ? v : v * n.Float("alpha", 0.01f))],
        ["Elu"] = n => [n.X.Map(v => v > 0 ? v : n.Float("alpha", 1) * (Math.Exp(v) - 1))],
        ["Selu"] = n => [n.X.Map(v => 1.05070102214813232421875 * (v > 0 ? v : 1.67326319217681884765625 * (Math.Exp(v) - 1)))],
        ["Celu"] = n => [n.X.Map(v => Math.Max(0, v) + Math.Min(0, n.Float("alpha", 1) * (Math.Exp(v / n.Float("alpha", 1)) - 1)))],
        ["HardSigmoid"] = n => [n.X.Map(v => Math.Clamp(n.Float("alpha", 0.2f) * v + n.Float("beta", 0.5f), 0, 1))],
        ["Gelu"] = n => [n.X.Map(v => n.Text("approximate", "none") == "tanh"
            ? 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)))
            : 0.5 * v * (1 + Erf(v / Math.Sqrt(2))))],
        ["Clip"] = n => [NdArray.From(n.X.Shape, i =>
        {
            double v = n.X[i];
            if (n.Has(1)) v = Math.Max(v, n[1].Data[0]);
            return n.Has(2) ? Math.Min(v, n[2].Data[0]) : v;
        })],
        ["PRelu"] = Zip((a, b) => a > 0 ? a : a * b),
        ["Add"] = Zip((a, b) => a + b), ["Sub"] = Zip((a, b) => a - b), ["Mul"] = Zip((a, b) => a * b), ["Div"] = Zip((a, b) => a / b),
        ["Pow"] = Zip(Math.Pow), ["Max"] = Zip(Math.Max), ["Min"] = Zip(Math.Min), ["Sum"] = Zip((a, b) => a + b),
        ["Mean"] = n => [Zip((a, b) => a + b)(n)[0].Map(v => v / n.Inputs.Length)],
        ["Where"] = n => [NdArray.From(Shape(n.Inputs), i => n[0].Broadcast(i) != 0 ? n[1].Broadcast(i) : n[2].Broadcast(i))],
        ["Gemm"] = Gemm, ["MatMul"] = MatMul,
        ["Softmax"] = n => [Softmax(n)], ["LogSoftmax"] = n => [Softmax(n).Map(Math.Log)],
        ["Conv"] = ReferenceWindows.Conv, ["ConvTranspose"] = ReferenceWindows.ConvTranspose,
        ["MaxPool"] = ReferenceWindows.MaxPool, ["AveragePool"] = ReferenceWindows.AveragePool,
        ["GlobalAveragePool"] = n => [ReferenceReductions.Over(n.X, [.. Enumerable.Range(2, n.X.Rank - 2)], true, v => v.Average())],
        ["GlobalMaxPool"] = n => [ReferenceReductions.Over(n.X, [.. Enumerable.Range(2, n.X.Rank - 2)], true, v => v.Max())],
        ["ReduceSum"] = ReferenceReductions.Node(v => v.Sum()), ["ReduceMean"] = ReferenceReductions.Node(v => v.Average()),
        ["ReduceMax"] = ReferenceReductions.Node(v => v.Max()), ["ReduceMin"] = ReferenceReductions.Node(v => v.Min()),
        ["ReduceL1"] = ReferenceReductions.Node(v => v.Sum(Math.Abs)), ["ReduceL2"] = ReferenceReductions.Node(v => Math.Sqrt(v.Sum(x => x * x))),
        ["ReduceSumSquare"] = ReferenceReductions.Node(v => v.Sum(x => x * x)),
        ["ReduceLogSumExp"] = ReferenceReductions.Node(v => Math.Log(v.Sum(Math.Exp))),
        ["BatchNormalization"] = ReferenceReductions.BatchNormalization, ["LayerNormalization"] = ReferenceReductions.LayerNormalization,
        ["InstanceNormalization"] = ReferenceReductions.InstanceNormalization, ["GroupNormalization"] = ReferenceReductions.GroupNormalization,
        ["Reshape"] = ReferenceShapes.Reshape, ["Flatten"] = ReferenceShapes.Flatten, ["Squeeze"] = ReferenceShapes.Squeeze, ["Unsqueeze"] = ReferenceShapes.Unsqueeze,
        ["Transpose"] = ReferenceShapes.Transpose, ["Expand"] = ReferenceShapes.Expand, ["Tile"] = ReferenceShapes.Tile, ["Concat"] = ReferenceShapes.Concat,
        ["Split"] = ReferenceShapes.Split, ["DepthToSpace"] = ReferenceShapes.DepthToSpace, ["SpaceToDepth"] = ReferenceShapes.SpaceToDepth,
        ["Slice"] = ReferenceShapes.Slice, ["Gather"] = ReferenceShapes.Gather, ["GatherElements"] = ReferenceShapes.GatherElements,
        ["Pad"] = ReferenceShapes.Pad, ["Resize"] = ReferenceResize.Run, ["FakeQuantize"] = ReferenceFakeQuantize.Run,
    };

    public static int[] Shape(IEnumerable<NdArray?> arrays)
    {
        int rank = arrays.Max(a => a!.Rank);
        int[] shape = [.. Enumerable.Repeat(1, rank)];
        foreach (var a in arrays)
        {
            for (int i = 0; i < a!.Rank; i++)
                if (a.Shape[i] != 1) shape[rank - a.Rank + i] = a.Shape[i];
        }

        return shape;
    }

    private static Func<ReferenceNode, NdArray[]> Map(Func<double, double> f) => n => [n.X.Map(f)];

    private static Func<ReferenceNode, NdArray[]> Zip(Func<double, double, double> f) => n =>
        [NdArray.From(Shape(n.Inputs), i => n.Inputs.Select(a => a!.Broadcast(i)).Aggregate(f))];

    private static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));

    /// <summary>The series Σ (−1)ᵏ x²ᵏ⁺¹ / (k!(2k+1)), which converges everywhere and is exact enough for |x| below 3.</summary>
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int k = 1; k < 120; k++)
        {
            term *= -x * x / k;
            sum += term / (2 * k + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static NdArray Softmax(ReferenceNode n)
    {
        int axis = n.Axis("axis", -1, n.X.Rank);
        var exp = n.X.Map(Math.Exp);
        var sum = ReferenceReductions.Over(exp, [axis], true, v => v.Sum());
        return NdArray.From(n.X.Shape, i => exp[i] / sum.Broadcast(i));
    }

    private static NdArray[] Gemm(ReferenceNode n)
    {
        bool ta = n.Int("transA", 0) != 0, tb = n.Int("transB", 0) != 0;
        int inner = n.X.Shape[ta ? 0 : 1];
        return
        [
            NdArray.From([n.X.Shape[ta ? 1 : 0], n[1].Shape[tb ? 0 : 1]], i =>
            {
                double sum = 0;
                for (int k = 0; k < inner; k++) sum += (ta ? n.X[k, i[0]] : n.X[i[0], k]) * (tb ? n[1][i[1], k] : n[1][k, i[1]]);
                return n.Float("alpha", 1) * sum + (n.Has(2) ? n.Float("beta", 1) * n[2].Broadcast(i) : 0);
            }),
        ];
    }

    private static NdArray[] MatMul(ReferenceNode n)
    {
        var (a, b) = (n.X, n[1]);
        bool vectorA = a.Rank == 1, vectorB = b.Rank == 1;
        if (vectorA) a = a.Reshaped(1, a.Shape[0]);
        if (vectorB) b = b.Reshaped(b.Shape[0], 1);
        int[] batch = Shape([new NdArray(a.Shape[..^2]), new NdArray(b.Shape[..^2])]);
        var product = NdArray.From([.. batch, a.Shape[^2], b.Shape[^1]], i =>
        {
            double sum = 0;
            for (int k = 0; k < a.Shape[^1]; k++) sum += a.Broadcast([.. i[..^2], i[^2], k]) * b.Broadcast([.. i[..^2], k, i[^1]]);
            return sum;
        });
        int[] shape = [.. batch];
        if (!vectorA) shape = [.. shape, a.Shape[^2]];
        if (!vectorB) shape = [.. shape, b.Shape[^1]];
        return [product.Reshaped(shape)];
    }
}
