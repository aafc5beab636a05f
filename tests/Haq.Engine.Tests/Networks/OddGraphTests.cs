using Haq.Engine.Data;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>Graphs that are sound and unusual: what was once folded, rounded or refused wrongly, each against the model as it was read.</summary>
public sealed class OddGraphTests
{
    private const int N = 6;
    private readonly SeededRandom _random = new(31);

    [Theory]
    [InlineData(new long[] { N, 1 })]
    [InlineData(new long[] { 1, N })]
    [InlineData(new long[] { N })]
    [InlineData(new long[] { 1 })]
    [InlineData(new long[] { })]
    [InlineData(new long[] { N, N })]
    public void A_Gemm_keeps_the_meaning_of_its_C_whatever_its_shape(long[] shape)
    {
        var model = TinyModel.Of(13, ("x", [N, N]), [Reals("w", N, N), Reals("c", shape), Reals("s", N), Reals("w2", N, N)],
            OnnxNode.Of(OpNames.Gemm, ["x", "w", "c"], ["g"], "g"), OnnxNode.Of(OpNames.Mul, ["g", "s"], ["m"], "m"), OnnxNode.Of(OpNames.Relu, ["m"], ["r"], "r"),
            OnnxNode.Of(OpNames.Gemm, ["r", "w2"], ["y"], "y"));
        AssertClose(model, equalize: true);
    }

    [Fact]
    public void A_bias_without_axes_is_a_bias_of_one_channel()
    {
        var model = TinyModel.Of(13, ("x", [-1, 8]), [Reals("w", 8, 1), TensorData.Scalar("b", 0.7f)], OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "head"));
        AssertClose(model);
    }

    [Fact]
    public void A_channel_of_zeros_keeps_its_bias_behind_wide_inputs()
    {
        float[] weights = new float[8 * 3];
        for (int i = 0; i < 8; i++) weights[3 * i] = (float)_random.NextNormal() * 1e-4f;
        var model = TinyModel.Of(13, ("x", [-1, 8]), [TensorData.Scalar("k", 300f), TensorData.Of("w", [8, 3], weights), TensorData.Of("b", [3], [0.02f, 0.7f, -0.3f])],
            OnnxNode.Of(OpNames.Mul, ["x", "k"], ["wide"], "widen"), OnnxNode.Of(OpNames.Gemm, ["wide", "w", "b"], ["y"], "head"));
        AssertClose(model, most: 1e-3);
    }

    [Theory]
    [InlineData(float.MinValue)]
    [InlineData(-1e9f)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1e4f)]
    [InlineData(-100f)]
    [InlineData(-1e4f, 40f)]
    public void Scores_survive_the_mask_that_is_added_to_them(float hidden, float factor = 1)
    {
        var outcome = NetworkTrial.Run(Attention(hidden, factor), (model, seed) => new RandomDataset(model.View, model.Shapes, 32, seed), junctions: true);
        Assert.Null(outcome.Refusal);
        Assert.True(outcome.Delivered.Power < 0.01, outcome.ToString());
    }

    [Fact]
    public void A_table_of_masks_stays_as_it_is_and_an_embedding_is_found()
    {
        float[] mask = [.. Enumerable.Range(0, 40 * 40).Select(i => i % 7 == 0 ? float.NegativeInfinity : 0f)];
        Assert.Empty(Tables(TensorData.Of("table", [40, 40], mask), OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["y"], "product")));
        Assert.Single(Tables(Reals("table", 40, 40), OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["y"], "product")));
        // What comes out as it was looked up is a value, not a feature: an anchor, the number of a class.
        Assert.Empty(Tables(Reals("table", 40, 40), OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["p"], "product"), OnnxNode.Of(OpNames.Add, ["rows", "p"], ["y"], "sum")));
        Assert.Single(Tables(Reals("table", 40, 40), OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["p"], "product"), OnnxNode.Of(OpNames.Add, ["rows", "p"], ["s"], "sum"),
            OnnxNode.Of("LayerNormalization", ["s", "gain"], ["y"], "norm")));
    }

    // Layer normalization as exporters before opset 17 write it, and root mean square normalization with a reciprocal.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_normalization_that_is_written_out_makes_features_of_rows(bool divides)
    {
        NodeProto[] Norm(string end) =>
        [
            OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["p"], "product"),
            OnnxNode.Of(OpNames.Add, ["rows", "p"], ["s"], "sum"),
            OnnxNode.Of(OpNames.Mul, ["s", "s"], ["squares"], "squares"),
            OnnxNode.Of("ReduceMean", ["squares"], ["mean"], "mean").With("axes", -1L),
            OnnxNode.Of("Sqrt", ["mean"], ["root"], "root"),
            .. divides ? [OnnxNode.Of(OpNames.Div, ["s", "root"], [end], "normed")]
                : (NodeProto[])[OnnxNode.Of("Reciprocal", ["root"], ["inverse"], "inverse"), OnnxNode.Of(OpNames.Mul, ["s", "inverse"], [end], "normed")],
        ];
        Assert.Single(Tables(Reals("table", 40, 40), Norm("y")));
        // What is divided by a row is scaled by a value: it stays exact.
        Assert.Empty(Tables(Reals("table", 40, 40), OnnxNode.Of(OpNames.MatMul, ["rows", "w"], ["p"], "product"), OnnxNode.Of(OpNames.Div, ["p", "rows"], ["y"], "ratio")));
    }

    [Fact]
    public void A_column_of_a_table_has_all_256_steps_whatever_its_sign()
    {
        var found = new FoundTable("t", new NodeProto(), "t", 3, 2);
        var table = QuantizedTable.Of(found, [0f, -4f, 255f, 0f, 51f, 1.1f]);
        Assert.Equal((1f, 0), (table.Columns[0].Scale, table.Columns[0].ZeroPoint));
        Assert.Equal([0f, 255f, 51f], Column(table, 0));
        Assert.Equal((0.02f, 200), (table.Columns[1].Scale, table.Columns[1].ZeroPoint));
        Assert.Equal([-4f, 0f, 1.1f], Column(table, 1).Select(v => MathF.Round(v, 4)));

        static float[] Column(QuantizedTable table, int column) => [.. table.Dequantize().Where((_, i) => i % 2 == column)];
    }

    [Fact]
    public void The_rest_of_a_network_is_quantized_in_a_second_step()
    {
        var model = TinyModel.Of(21, ("x", [-1, 8]), [Reals("w", 8, 8), Reals("v", 8, 8)],
            OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["l"], "left"), OnnxNode.Of(OpNames.MatMul, ["x", "v"], ["r"], "right"), OnnxNode.Of(OpNames.Add, ["l", "r"], ["y"], "sum"));
        var first = NetworkTrial.Export(QuantizableModel.Prepare(model), Data, inFloat: "right");
        var second = NetworkTrial.Export(QuantizableModel.Prepare(first), Data);
        Assert.Equal(4, second.Graph.Initializer.Count(t => TensorData.TypeOf(t) is DataType.Int8 or DataType.Uint8 && t.Dims.Count == 2) + second.Graph.Node.Count(n => n.Is(OpNames.QuantizeLinear)));
        using var unseen = Data(QuantizableModel.Prepare(model), 12);
        OutputRecord Record(OnnxModel of) => OutputRecord.Of(of, PlainSession.Settings, unseen, 8, CancellationToken.None);
        Assert.True(Record(model).NoiseOf(Record(second)).Power < 1e-3);
    }

    [Fact]
    public void A_limiter_that_limits_nothing_is_dropped_and_one_that_does_is_not()
    {
        TensorProto[] limits = [TensorData.Scalar("zero", 0f), TensorData.Scalar("six", 6f), TensorData.Scalar("one", 1f)];
        Assert.Equal(["Relu"], After(["Relu", "Relu"]));
        Assert.Equal(["Clip zero six"], After(["Relu", "Clip zero six"]));
        Assert.Equal(["Clip zero six"], After(["Clip zero six", "Clip zero six"]));
        Assert.Equal(["Clip zero six"], After(["Clip zero six", "Dropout", "Relu"]));
        Assert.Equal(["Clip one six"], After(["Clip zero six", "Clip one six"]));
        Assert.Equal(["Relu", "Sigmoid", "Relu"], After(["Relu", "Sigmoid", "Relu"]));

        string[] After(string[] chain)
        {
            var nodes = chain.Select((op, i) => op.Split(' ') is var parts && i >= 0 ? OnnxNode.Of(parts[0], [$"t{i}", .. parts[1..]], [$"t{i + 1}"], $"{i}") : null!).ToArray();
            var model = TinyModel.Of(17, ("t0", [1, 4]), limits, nodes);
            float[] before = Outputs(model);
            IdleLimiters.Drop(model);
            Assert.Equal(before, Outputs(model));
            return [.. model.Graph.Node.Where(n => n.OpType != "Dropout").Select(n => string.Join(' ', [n.OpType, .. n.Input.Skip(1)]))];
        }
    }

    private static float[] Outputs(OnnxModel model)
    {
        using var session = new OrtSession(model);
        using var input = OrtTensor.Of<float>([-2f, 0.5f, 3f, 9f], 1, 4);
        using var output = session.Run(new Dictionary<string, OrtTensor> { ["t0"] = input })[0];
        return output.ToFloats();
    }

    private static IReadOnlyList<FoundTable> Tables(TensorProto table, params NodeProto[] nodes)
    {
        var tokens = new ValueInfoProto { Name = "tokens", Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Int64, Shape = new TensorShapeProto() } } };
        foreach (long extent in (long[])[1, 5]) tokens.Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        float[] square = [.. Enumerable.Range(0, 1600).Select(i => i % 41 == 0 ? 1f : 0.01f)];
        var model = TinyModel.Of(17, ("unused", [1]),
            [table, TensorData.Of("w", [40, 40], square), TensorData.Of("gain", [40], [.. Enumerable.Repeat(1f, 40)])],
            [OnnxNode.Of(OpNames.Gather, ["table", "tokens"], ["rows"], "lookup"), .. nodes]);
        model.Graph.Input.Clear();
        model.Graph.Input.Add(tokens);
        return QuantizableModel.Prepare(model).Tables;
    }

    private OnnxModel Attention(float hidden, float factor)
    {
        var graph = TinyModel.Of(17, ("x", [1, 6, 8]), [Reals("wq", 8, 8), Reals("wk", 8, 8), Reals("wv", 8, 8), TensorData.Scalar("limit", -0.5f), TensorData.Scalar("factor", factor),
            TensorData.Scalar("hidden", hidden), TensorData.Scalar("shown", 0f),
            TensorData.Of("from", [1], (ReadOnlySpan<long>)[0L]), TensorData.Of("to", [1], (ReadOnlySpan<long>)[1L]), TensorData.Of("axis", [1], (ReadOnlySpan<long>)[2L])],
            OnnxNode.Of(OpNames.MatMul, ["x", "wq"], ["q"], "q"), OnnxNode.Of(OpNames.MatMul, ["x", "wk"], ["k"], "k"), OnnxNode.Of(OpNames.MatMul, ["x", "wv"], ["v"], "v"),
            OnnxNode.Of("Transpose", ["k"], ["kt"], "kt").With("perm", [0L, 2L, 1L]), OnnxNode.Of(OpNames.MatMul, ["q", "kt"], ["product"], "product"), OnnxNode.Of(OpNames.Mul, ["product", "factor"], ["scores"], "scores"),
            OnnxNode.Of("Slice", ["x", "from", "to", "axis"], ["first"], "first"), OnnxNode.Of("Transpose", ["first"], ["row"], "row").With("perm", [0L, 2L, 1L]),
            OnnxNode.Of("Less", ["row", "limit"], ["isHidden"], "less"), OnnxNode.Of("Where", ["isHidden", "hidden", "shown"], ["mask"], "mask"),
                OnnxNode.Of(OpNames.Add, ["scores", "mask"], ["masked"], "add"),
            OnnxNode.Of("Softmax", ["masked"], ["weights"], "softmax").With("axis", -1L), OnnxNode.Of(OpNames.MatMul, ["weights", "v"], ["y"], "y"));
        return graph;
    }

    private static RandomDataset Data(QuantizableModel model, ulong seed) => new(model.View, model.Shapes, 32, seed);

    private static void AssertClose(OnnxModel model, bool equalize = false, double most = 0.01)
    {
        var outcome = NetworkTrial.Run(model, Data, equalize: equalize);
        Assert.Null(outcome.Refusal);
        Assert.False(outcome.IsFault, outcome.ToString());
        Assert.True(outcome.Delivered.Power < most, outcome.ToString());
    }

    private TensorProto Reals(string name, params long[] shape) =>
        TensorData.Of(name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)_random.NextNormal())]);
}
