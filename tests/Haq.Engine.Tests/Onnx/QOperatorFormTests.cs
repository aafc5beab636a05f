using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.QOperators;
using Haq.Engine.Runtime;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

/// <summary>QLinear operators, each in a network of its own, against what ONNX Runtime makes of them between pairs.</summary>
public sealed class QOperatorFormTests
{
    private const string Domain = "com.microsoft";

    private static readonly float[] s_scales = [0.02f, 0.03f, 0.05f, 0.01f];

    public static TheoryData<string> Operators =>
    [
        "QLinearConv", "QLinearConv per channel", "QLinearMatMul", "QLinearMatMul per column", "QGemm", "QGemm to reals", "QLinearAdd", "QLinearMul",
        "QLinearWhere", "QLinearSigmoid", "QLinearLeakyRelu",
        "QLinearSoftmax", "QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearConcat", "MaxPool", "Transpose", "Split",
    ];

    [Theory]
    [MemberData(nameof(Operators))]
    public void An_operator_of_integers_is_one_of_reals_between_pairs(string kind)
    {
        var model = Network(kind);
        var pairs = QOperatorForm.ToPairs(model);
        Assert.DoesNotContain(pairs.Graph.Node, ExistingQuantization.IsIntegerOperator);
        Assert.Contains(pairs.Graph.Node, n => n.Name == "node");
        float[] wanted = Run(model), found = Run(pairs);
        // Integers are the same, but for a half that one kernel rounds the other way.
        for (int i = 0; i < wanted.Length; i++) Assert.True(Math.Abs(wanted[i] - found[i]) <= 1.001f * OutputScale(kind), $"{i}: {wanted[i]} and {found[i]}");
        Assert.True(wanted.Zip(found).Count(v => Math.Abs(v.First - v.Second) < 1e-5f) >= 0.97 * wanted.Length);
        Assert.True(wanted.Distinct().Count() > 3);
    }

    [Fact]
    public void What_stands_for_no_operator_of_reals_is_named_once_with_the_reason()
    {
        var model = Network("QLinearAdd");
        model.Graph.Node.Insert(1, OnnxNode.Of("DynamicQuantizeLinear", ["x"], ["d", "ds", "dz"], "dynamic"));
        model.Graph.Node.Insert(2, OnnxNode.Of(OpNames.MatMulInteger, ["d", "d"], ["p1"], "first"));
        model.Graph.Node.Insert(3, OnnxNode.Of(OpNames.MatMulInteger, ["d", "d"], ["p2"], "second"));
        model.Graph.Node.Insert(4, OnnxNode.Of("QAttention", ["x.q"], ["att"], "attention", Domain));
        model.Graph.Node.Insert(5, OnnxNode.Of("BitShift", ["x.q", "x.q"], ["shifted"], "shift"));
        model.Graph.Initializer.Add(TensorData.OfBytes("ones", DataType.Uint8, [1], new byte[] { 1 }));
        model.Graph.Node.Insert(6, OnnxNode.Of("Max", ["x.q", "ones"], ["limited"], "limit"));
        var error = Assert.Throws<HaqException>(() => QOperatorForm.ToPairs(model)).Diagnostic;
        Assert.Equal(DiagnosticCatalog.NoPairForm, error.Descriptor);
        foreach (string says in (string[])["Max ('limit'): joins integers with some that have no scale", "MatMulInteger ('first')", "DynamicQuantizeLinear ('dynamic')", "com.microsoft:QAttention ('attention')",
            "BitShift ('shift'): computes with integers as they are"])
        {
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("'second'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(13, 1)]
    [InlineData(18, 2)]
    public void Axes_of_a_mean_stand_where_the_operator_set_has_them(int opset, int inputs)
    {
        // ONNX Runtime 1.31 has the operator's schema and no kernel.
        var model = Network("QLinearReduceMean");
        model.Proto.OpsetImport[0].Version = opset;
        var mean = Assert.Single(QOperatorForm.ToPairs(model).Graph.Node, n => n.Is(OpNames.ReduceMean));
        Assert.Equal(inputs, mean.Input.Count);
        Assert.Equal(1, mean.Int("keepdims", 0));
        Assert.Equal(inputs == 1, mean.Attribute("axes") is not null);
    }

    [Fact]
    public void A_model_without_them_is_left_as_it_is()
    {
        var model = OnnxModel.Load(Shared.File("models/mlperftiny_kws_dscnn_int8_qdq.onnx"));
        Assert.Same(model, QOperatorForm.ToPairs(model));
    }

    [Fact]
    public void What_a_session_fused_comes_apart_into_the_same_grids()
    {
        var model = OnnxModel.Load(Shared.File("models/mlperftiny_kws_dscnn_int8_qdq.onnx"));
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "fused.onnx");
        new OrtSession(model, SessionSettings.Default with { Optimization = GraphOptimizationLevel.ORT_ENABLE_EXTENDED, OptimizedModelPath = path }).Dispose();
        var fused = OnnxModel.Load(path);
        Assert.True(fused.Graph.Node.Count(n => n.OpType == OpNames.QLinearConv) >= 9);
        var pairs = QOperatorForm.ToPairs(fused);
        Assert.DoesNotContain(pairs.Graph.Node, ExistingQuantization.IsIntegerOperator);
        Assert.Equal(9, pairs.Graph.Node.Count(n => n.Is(OpNames.Conv)));
        var random = new SeededRandom(5);
        float[] values = Enumerable.Range(0, 490).Select(_ => (float)random.NextDouble() * 40).ToArray();
        Assert.Equal(Run(model, "input", [1, 1, 49, 10], values), Run(pairs, "input", [1, 1, 49, 10], values));
    }

    private static float OutputScale(string kind) => kind is "QLinearSigmoid" or "QLinearSoftmax" ? 1 / 256f : 0.1f;

    private static float[] Run(OnnxModel model)
    {
        var random = new SeededRandom(2);
        return Run(model, "x", [2, 4, 6, 6], [.. Enumerable.Range(0, 288).Select(_ => (float)(random.NextDouble() * 5 - 2.5))]);
    }

    private static float[] Run(OnnxModel model, string input, long[] shape, float[] values)
    {
        using var session = new OrtSession(model, SessionSettings.Default);
        using var given = OrtTensor.Of<float>(values, shape);
        using var output = session.Run(new Dictionary<string, OrtTensor> { [input] = given })[0];
        return output.ToFloats();
    }

    // x, a pair's first half, the operator, the second half of a pair, y.
    private static OnnxModel Network(string kind)
    {
        bool toReals = kind == "QGemm to reals";
        var graph = new GraphProto { Name = "integers" };
        graph.Input.Add(TinyModel.Value("x", 2, 4, 6, 6));
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } } });
        Grid("x", 0.02f, 128);
        Grid("y", OutputScale(kind), kind is "QLinearSigmoid" or "QLinearSoftmax" ? 0 : 120);
        graph.Initializer.Add([
            TensorData.Of("half", [2], [2L, 2L]), TensorData.Of("rows", [2], [48L, 6L]), TensorData.Of("flags", DataType.Bool, [6], (ReadOnlySpan<long>)[1, 0, 1, 1, 0, 0]),
            Weights("w", 4, 4, 3, 3), Weights("m", 6, 4),
            TensorData.Of("k", DataType.Uint8, [1, 4, 1, 1], (ReadOnlySpan<long>)[90, 180, 30, 255]), TensorData.Of("b.q", DataType.Int32, [4], (ReadOnlySpan<long>)[300, -200, 100, 50]),
            TensorData.Scalar("w.s", 0.02f), TensorData.Scalar("w.z", DataType.Int8, 0),
            TensorData.Of("c.s", [4], s_scales), TensorData.Of("c.z", DataType.Int8, [4], (ReadOnlySpan<long>)[0, 0, 0, 0])]);
        graph.Node.Add(OnnxNode.Of(OpNames.QuantizeLinear, ["x", "x.s", "x.z"], ["x.q"], "front"));
        string[] x = ["x.q", "x.s", "x.z"], y = ["y.s", "y.z"], w = ["w.s", "w.z"], c = ["c.s", "c.z"];
        switch (kind.Split(' ')[0])
        {
            case "QLinearConv":
                Add(OnnxNode.Of(OpNames.QLinearConv, [.. x, "w", .. (kind.EndsWith("channel", StringComparison.Ordinal) ? c : w), .. y, "b.q"], ["y.q"], "node")
                    .With("pads", (ReadOnlySpan<long>)[1, 1, 1, 1]));
                break;
            case "QLinearMatMul":
                Add(OnnxNode.Of(OpNames.QLinearMatMul, [.. x, "m", .. (kind.EndsWith("column", StringComparison.Ordinal) ? c : w), .. y], ["y.q"], "node"));
                break;
            case "QGemm":
                Add(OnnxNode.Of(OpNames.Reshape, ["x.q", "rows"], ["x.r"], "reshape"));
                Add(OnnxNode.Of("QGemm", ["x.r", "x.s", "x.z", "m", .. w, "b.q", .. (toReals ? [] : y)], [toReals ? "y" : "y.q"], "node", Domain).With("alpha", 1.5f));
                break;
            case "QLinearAdd" or "QLinearMul":
                Add(OnnxNode.Of(kind, [.. x, "k", "w.s", "x.z", .. y], ["y.q"], "node", Domain));
                break;
            case "QLinearWhere":
                graph.Initializer.Add([TensorData.Scalar("o.s", 0.03f), TensorData.Scalar("o.z", DataType.Uint8, 10), TensorData.Scalar("o.q", DataType.Uint8, 50)]);
                Add(OnnxNode.Of(kind, ["flags", .. x, "o.q", "o.s", "o.z", .. y], ["y.q"], "node", Domain));
                break;
            case "QLinearConcat":
                Add(OnnxNode.Of(kind, [.. y, .. x, .. x], ["y.q"], "node", Domain).With("axis", 1L));
                break;
            case "QLinearReduceMean":
                Add(OnnxNode.Of(kind, [.. x, .. y], ["y.q"], "node", Domain).With("axes", (ReadOnlySpan<long>)[2, 3]).With("keepdims", 1L));
                break;
            case "QLinearAveragePool":
                Add(OnnxNode.Of(kind, [.. x, .. y], ["y.q"], "node", Domain).With("kernel_shape", (ReadOnlySpan<long>)[2, 2]));
                break;
            case "QLinearSoftmax":
                Add(OnnxNode.Of(kind, [.. x, .. y], ["y.q"], "node", Domain).With("axis", -1L).With("opset", 13L));
                break;
            case "MaxPool" or "Transpose" or "Split":
                var moved = OnnxNode.Of(kind, kind == "Split" ? ["x.q", "half"] : ["x.q"], kind == "Split" ? ["x.m", "x.n"] : ["x.m"], "node");
                if (kind == "MaxPool") moved.With("kernel_shape", (ReadOnlySpan<long>)[2, 2]);
                else if (kind == "Split") moved.With("axis", 1L);
                Add(moved);
                Add(OnnxNode.Of("QLinearLeakyRelu", ["x.m", "x.s", "x.z", .. y], ["y.q"], "behind", Domain).With("alpha", 0.25f));
                break;
            default:
                Add(OnnxNode.Of(kind, [.. x, .. y], ["y.q"], "node", Domain));
                break;
        }
        if (!toReals) Add(OnnxNode.Of(OpNames.DequantizeLinear, ["y.q", .. y], ["y"], "back"));
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add([new OperatorSetIdProto { Version = 13 }, new OperatorSetIdProto { Domain = Domain, Version = 1 }]);
        return new OnnxModel(proto, "integers.onnx");

        void Add(NodeProto node) => graph.Node.Add(node);

        void Grid(string name, float scale, int zero) => graph.Initializer.Add([TensorData.Scalar($"{name}.s", scale), TensorData.Scalar($"{name}.z", DataType.Uint8, zero)]);
    }

    private static TensorProto Weights(string name, params long[] dims) =>
        TensorData.Of(name, DataType.Int8, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(i => (long)(i * 37 % 120 - 60))]);
}
