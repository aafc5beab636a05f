using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Dialects;

/// <summary>Every rule of the built-in targets passes a file that keeps it, and finds a hand-made one that does not.</summary>
public sealed class ConformanceCheckTests
{
    private static readonly NodeProto s_softmax = OnnxNode.Of(OpNames.Softmax, ["c"], ["r"], "softmax");

    private static ConformanceReport Check(QdqNetwork network, string target, params string[] allowed) =>
        ConformanceCheck.Run(network.Build(), DialectCatalog.Load(target, "."), allowed);

    private static QdqNetwork For(string target) => target switch
    {
        "tensorrt" => new() { Activation = DataType.Int8, ZeroPoint = 0, Bias = null },
        "st-neural-art" => new() { Activation = DataType.Int8, ZeroPoint = -7 },
        "vitis-ai" => new() { Activation = DataType.Int8, ZeroPoint = 0, Scale = 0.125f, PerChannel = false, WeightScale = 0.03125f },
        _ => new(),
    };

    public static TheoryData<string> Targets => [.. DialectCatalog.BuiltInNames];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_file_in_the_dialect_passes(string target)
    {
        var report = Check(For(target), target);
        Assert.Empty(VendorCheck.Violations(target, For(target).Build()));
        Assert.True(report.Passes, string.Join("; ", report.Verdicts.SelectMany(v => v.Breaches).Select(b => b.What)));
        Assert.Equal(2, report.Nodes);
    }

    public static TheoryData<string, string, string> Violations => new()
    {
        { "qnn", "activations", "int8" }, { "qnn", "weights", "axis" }, { "qnn", "weights", "zero" }, { "qnn", "biases", "real" }, { "qnn", "pairs", "outputs" },
        { "qnn", "shapes", "batch" }, { "qnn", "operators", "custom" }, { "qnn", "constants", "sigmoid" }, { "qnn", "widths", "w16" },
        { "tensorrt", "activations", "zero" }, { "tensorrt", "activations", "uint8" }, { "tensorrt", "biases", "int32" }, { "tensorrt", "weights", "zero" }, { "tensorrt", "operators", "custom" },
        { "st-neural-art", "activations", "uint8" }, { "st-neural-art", "operators", "softmax" }, { "st-neural-art", "biases", "scale" }, { "st-neural-art", "pairs", "outputs" },
        { "vitis-ai", "activations", "scale" }, { "vitis-ai", "weights", "channel" }, { "vitis-ai", "biases", "channel" }, { "vitis-ai", "weights", "scale" }, { "vitis-ai", "attributes", "attributes" },
        { "openvino", "operators", "custom" }, { "openvino", "weights", "w16" }, { "onnxruntime", "operators", "custom" }, { "onnxruntime", "opset", "opset" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_hand_made_violation_fails_by_its_rule(string target, string rule, string violation)
    {
        var good = For(target);
        var custom = OnnxNode.Of("Spike", ["c"], ["r"], "spike", "org.example");
        var sigmoid = OnnxNode.Of(OpNames.Sigmoid, ["c"], ["r"], "sigmoid");
        var bad = violation switch
        {
            "int8" => Copy(good, activation: DataType.Int8, zero: 0),
            "uint8" => Copy(good, activation: DataType.Uint8, zero: 0),
            "zero" when rule == "activations" => Copy(good, zero: 3),
            "zero" => Copy(good, weightZero: 3),
            "axis" => Copy(good, axis: 1),
            "real" => Copy(good, bias: null, replacesBias: true),
            "int32" => Copy(good, bias: DataType.Int32, replacesBias: true),
            "scale" when rule == "biases" => Copy(good, biasScale: 0.5f),
            "scale" when rule == "activations" => Copy(good, scale: 0.1f),
            "scale" => Copy(good, weightScale: 0.02f),
            "channel" => Copy(good, perChannel: true),
            "outputs" => Copy(good, outputPair: false),
            "batch" => Copy(good, batch: -1),
            "custom" => Copy(good, behind: custom),
            "softmax" => Copy(good, behind: s_softmax),
            "sigmoid" => Copy(good, activation: DataType.Uint16, behind: sigmoid),
            "w16" => Copy(good, weight: DataType.Int16),
            "attributes" => Copy(good, attributes: false),
            "opset" => Copy(good, opset: 9),
            _ => throw new ArgumentOutOfRangeException(nameof(violation)),
        };
        var report = Check(bad, target);
        Assert.False(report.Passes);
        if (VendorCheck.IsThere) Assert.NotEmpty(VendorCheck.Violations(target, bad.Build()));
        Assert.Contains(report.Verdicts, v => v.Fails && v.Breaches.Any(b => b.Rule.Kind == rule && b.Rule.Effect != RuleEffect.Note && b.Change.Length > 0));
    }

    public static TheoryData<string, string, string> Restrictions => new()
    {
        { "qnn", "limits", "Gather" }, { "tensorrt", "limits", "Resize" }, { "tensorrt", "limits", "TopK" }, { "tensorrt", "outputs", "MaxPool" }, { "tensorrt", "constant-inputs", "ReduceSum" },
        { "tensorrt", "limits", "ScatterND" }, { "st-neural-art", "outputs", "Split" },
    };

    [Theory]
    [MemberData(nameof(Restrictions))]
    public void A_restriction_of_an_operator_is_found_in_both_readings_of_the_documents(string target, string rule, string op)
    {
        NodeProto behind = op switch
        {
            "Gather" => OnnxNode.Of(op, ["c", "less"], ["r"], "behind"),
            "Resize" => OnnxNode.Of(op, ["c", "", "sizes"], ["r"], "behind").With("mode", "cubic"),
            "TopK" => OnnxNode.Of(op, ["c", "many"], ["r", "places"], "behind"),
            "MaxPool" => OnnxNode.Of(op, ["c"], ["r", "out"], "behind").With("kernel_shape", (ReadOnlySpan<long>)[1, 1]),
            "ReduceSum" => OnnxNode.Of(op, ["c", "axes"], ["r"], "behind"),
            "ScatterND" => OnnxNode.Of(op, ["c", "less", "c"], ["r"], "behind").With("reduction", "add"),
            _ => OnnxNode.Of(op, ["c"], ["r", "rest"], "behind"),
        };
        var model = Copy(For(target), behind: behind).Build();
        model.Graph.Initializer.Add([TensorData.Of("less", [1], [-1L]), TensorData.Of("many", [1], [4000L]), TensorData.Of("sizes", [1], [1f])]);
        model.Graph.Input.Add(new ValueInfoProto { Name = "axes", Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Int64 } } });
        model.Graph.Output.Add(new ValueInfoProto { Name = op == "MaxPool" ? "out" : "z", Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Int64 } } });
        if (op != "MaxPool") model.Graph.Node.Add(OnnxNode.Of("Shape", ["x"], ["z"], "shape"));
        var breaches = ConformanceCheck.Run(model, DialectCatalog.Load(target, ".")).Verdicts.Where(v => v.Name == "behind").SelectMany(v => v.Breaches);
        Assert.Contains(breaches, b => b.Rule.Kind == rule && b.Rule.Effect == RuleEffect.Fallback && b.Change.Length > 0);
        if (VendorCheck.IsThere) Assert.Contains(VendorCheck.Violations(target, model), v => v.Node == "behind" && v.Rule is "restrictions" or "unconnected");
    }

    [Fact]
    public void What_is_broken_names_the_tensor_and_what_to_change()
    {
        var verdict = Check(Copy(For("tensorrt"), zero: 3), "tensorrt").Verdicts.Single(v => v.Name == "conv");
        var breach = Assert.Single(verdict.Breaches);
        Assert.Equal(("x", RuleEffect.Refused), (breach.Tensor, breach.Rule.Effect));
        Assert.Equal("activation 'x' has zero point 3; the target takes 0 only", breach.What);
        Assert.Equal("Quantize 'x' symmetrically, as int8 of zero point 0.", breach.Change);
    }

    [Fact]
    public void Allowed_nodes_pass_and_allowances_that_nothing_needs_are_told()
    {
        var report = Check(Copy(For("st-neural-art"), behind: s_softmax), "st-neural-art", "soft*", "nobody");
        Assert.True(report.Verdicts.Single(v => v.Name == "softmax").IsAllowed);
        Assert.Equal(["nobody"], report.UnusedAllowances);
    }

    [Fact]
    public void A_pair_between_a_layer_and_its_activation_function_is_a_note()
    {
        var model = For("tensorrt").Build();
        var relu = model.Graph.Node.Single(n => n.OpType == OpNames.Relu);
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(relu), OnnxNode.Of(OpNames.QuantizeLinear, ["c", "x.s", "x.z"], ["c.q"], "c.Q"));
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(relu), OnnxNode.Of(OpNames.DequantizeLinear, ["c.q", "x.s", "x.z"], ["c.d"], "c.D"));
        relu.Input[0] = "c.d";
        var report = ConformanceCheck.Run(model, DialectCatalog.Load("tensorrt", "."));
        Assert.True(report.Passes);
        Assert.Equal("no-pair-between", Assert.Single(report.Verdicts.Single(v => v.Name == "conv").Breaches).Rule.Kind);
    }

    [Fact]
    public void Weights_stored_as_reals_behind_a_pair_are_weights()
    {
        var model = For("tensorrt").Build();
        model.Graph.Initializer.Add(TensorData.Of("w.real", [2, 2, 3, 3], new float[36]));
        var stored = model.Graph.Node.Single(n => n.Name == "w.DequantizeLinear");
        model.Graph.Node.Insert(0, OnnxNode.Of(OpNames.QuantizeLinear, ["w.real", "w.s", "w.z"], ["w.again"], "w.Q").With("axis", 0));
        stored.Input[0] = "w.again";
        Assert.True(ConformanceCheck.Run(model, DialectCatalog.Load("tensorrt", ".")).Passes);
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(t => t.Name == "w.z"));
        model.Graph.Initializer.Add(TensorData.Of("w.z", DataType.Int8, [2], (ReadOnlySpan<long>)[5, 5]));
        Assert.Contains(ConformanceCheck.Run(model, DialectCatalog.Load("tensorrt", ".")).Verdicts.SelectMany(v => v.Breaches), b => b.Rule.Kind == "weights" && b.Tensor == "w.real");
    }

    [Fact]
    public void A_model_in_another_form_is_refused_with_what_was_expected()
    {
        var model = For("qnn").Build();
        foreach (var pair in model.Graph.Node.Where(ExistingQuantization.IsQuantizeDequantize)) pair.OpType = OpNames.Identity;
        var error = Assert.Throws<HaqException>(() => ConformanceCheck.Run(model, DialectCatalog.Load("qnn", "."))).Diagnostic;
        Assert.Equal("HAQ0321", error.Descriptor.Code);
        Assert.Contains("QDQ form", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_tool_is_read_whole()
    {
        var model = OnnxModel.Load(Shared.File("models/mlperftiny_kws_dscnn_int8_qdq.onnx"));
        var st = ConformanceCheck.Run(model, DialectCatalog.Load("st-neural-art", "."));
        Assert.Equal(["Softmax"], st.Verdicts.Where(v => v.Fails).Select(v => v.Operator));
        var tensorrt = ConformanceCheck.Run(model, DialectCatalog.Load("tensorrt", "."));
        Assert.Equal(9, tensorrt.Verdicts.Count(v => v.Operator == OpNames.Conv && v.Breaches.Any(b => b.Rule.Kind == "activations")));
    }

    private static QdqNetwork Copy(
        QdqNetwork of, DataType? activation = null, int? zero = null, float? scale = null, DataType? weight = null, bool? perChannel = null, int? axis = null, int? weightZero = null,
        float? weightScale = null, DataType? bias = null, bool replacesBias = false, float? biasScale = null, bool? outputPair = null, bool? attributes = null, int? opset = null,
        long? batch = null, NodeProto? behind = null) => new()
    {
        Activation = activation ?? of.Activation, ZeroPoint = zero ?? of.ZeroPoint, Scale = scale ?? of.Scale, Weight = weight ?? of.Weight, PerChannel = perChannel ?? of.PerChannel,
        WeightAxis = axis ?? of.WeightAxis, WeightZeroPoint = weightZero ?? of.WeightZeroPoint, WeightScale = weightScale ?? of.WeightScale, Bias = replacesBias ? bias : of.Bias,
        BiasScale = biasScale, HasOutputPair = outputPair ?? of.HasOutputPair, WritesAttributes = attributes ?? of.WritesAttributes, Opset = opset ?? of.Opset, Batch = batch ?? of.Batch,
        Behind = behind ?? of.Behind?.Clone(),
    };
}
