using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Tests.Runtime;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Pipeline.Stages.Reports;

/// <summary>What is told between the model as it was read and what is made of it.</summary>
public sealed class OriginalCheckTests
{
    private const int Samples = 64, Width = 4, Odd = 40;

    private static readonly GraphPass s_sound = GraphPass.OfEdit("rename the layer", model => Renamed(model));

    private static readonly GraphPass s_faulty = Insert("halve what comes out", OpNames.Mul, "half");

    [Fact]
    public void The_pass_that_changes_what_the_model_computes_is_named()
    {
        var model = Layer();
        using var data = Data();
        var check = new OriginalCheck(model, data, elsewhere: false, CancellationToken.None);
        GraphPass[] passes = [.. PreparationPasses.For(new PreparationOptions()), s_sound, s_faulty, s_sound];
        var error = check.Fault(GraphPass.Run(model, passes).Model, passes, "the passes together");
        Assert.NotNull(error);
        Assert.Equal("HAQ0313", error.Diagnostic.Descriptor.Code);
        Assert.Contains("(halve what comes out) changed what it computes: output 'y' has 6.0 dB", error.Diagnostic.Message, StringComparison.Ordinal);

        GraphPass[] sound = [.. passes.Where(p => p != s_faulty)];
        Assert.Null(check.Fault(GraphPass.Run(model, sound).Model, sound, "the passes together"));
        Assert.Contains("(the passes together)", check.Fault(s_faulty.Apply(model).Model, sound, "the passes together")!.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pass_that_ruins_one_sample_of_many_is_seen()
    {
        var model = Layer();
        using var data = Data();
        var check = new OriginalCheck(model, data, elsewhere: false, CancellationToken.None);
        var limit = Insert("limit what comes out", OpNames.Min, "limit");
        Assert.Contains("(limit what comes out)", check.Fault(limit.Apply(model).Model, [s_sound, limit], "")!.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_pick_between_two_that_are_nearly_alike_is_no_fault()
    {
        var model = Layer(OnnxNode.Of(OpNames.ArgMax, ["z"], ["best"], "pick").With("axis", 1L), OnnxNode.Of(OpNames.Cast, ["best"], ["y"], "cast").With("to", (long)DataType.Float));
        Assert.Equal(["best", "y"], DecidedTensors.Of(model).Order(StringComparer.Ordinal));
        using var data = Data();
        var nudge = Insert("nudge what comes out", OpNames.Add, "nudge");
        Assert.Null(new OriginalCheck(model, data, elsewhere: false, CancellationToken.None).Fault(nudge.Apply(model).Model, [nudge], ""));
    }

    [Fact]
    public void Steady_tensors_are_told_from_those_that_jump()
    {
        var model = Layer(
            OnnxNode.Of("Shape", ["z"], ["extents"], "shape"),
                OnnxNode.Of(OpNames.Cast, ["extents"], ["reals"], "reals").With("to", (long)DataType.Float), OnnxNode.Of("Softmax", ["z"], ["steady"], "softmax"),
            OnnxNode.Of(OpNames.Greater, ["x", "half"], ["given"], "given"), OnnxNode.Of("Where", ["given", "z", "steady"], ["masked"], "mask"),
            OnnxNode.Of(OpNames.Round, ["z"], ["steps"], "round"), OnnxNode.Of(OpNames.Add, ["steps", "masked"], ["y"], "sum"));
        Assert.Equal(["steps", "y"], DecidedTensors.Of(model).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_a_default_session_changes_is_refused_unless_the_manifest_takes_it()
    {
        // A real bias beyond 32 bits; what the exporter writes keeps it.
        var (original, changed) = (PairNetworks.Quantized(3e6f, 5e4f), PairNetworks.Quantized(3e6f, 5e4f));
        RealLayers.Apply(original, new Dictionary<string, long[]>());
        using var data = new RandomDataset(new GraphView(original), ShapeInference.Infer(new GraphView(original)), 8);
        var check = new OriginalCheck(original, data, elsewhere: false, CancellationToken.None);
        Assert.Null(check.Surprise(original, GateMode.Error));
        var refusal = check.Surprise(changed, GateMode.Error)!;
        Assert.Equal(("HAQ0314", false), (refusal.Descriptor.Code, refusal.Descriptor.IsWarning));
        Assert.Contains("nothing was written", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("HAQ1301", check.Surprise(changed, GateMode.Warning)!.Descriptor.Code);
    }

    // Sample 40 has one value far above all others, and two that are nearly alike.
    private static ArrayDataset Data()
    {
        float[] values = [.. Enumerable.Range(0, Samples * Width).Select(i => 0.1f + i * 37 % 50 / 100f)];
        (values[Odd * Width], values[Odd * Width + 1]) = (5f, 5.000001f);
        return new ArrayDataset("x", [Width], values);
    }

    private static OnnxModel Layer(params NodeProto[] behind)
    {
        float[] identity = new float[Width * Width];
        for (int i = 0; i < Width; i++) identity[i * (Width + 1)] = 1;
        string output = behind.Length > 0 ? "z" : "y";
        TensorProto[] constants = [TensorData.Of("w", [Width, Width], identity), TensorData.Scalar("half", 0.5f), TensorData.Scalar("limit", 1f), TensorData.Of("nudge", [Width], [2e-6f, 0, 0, 0])];
        return TinyModel.Of(17, ("x", [-1, Width]), constants, [OnnxNode.Of(OpNames.MatMul, ["x", "w"], [output], "layer"), .. behind]);
    }

    private static GraphPass Insert(string label, string op, string constant) => GraphPass.OfEdit(label, model =>
    {
        var layer = model.Graph.Node.First(n => n.Is(OpNames.MatMul));
        string output = layer.Output[0];
        layer.Output[0] = "before";
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(layer) + 1, OnnxNode.Of(op, ["before", constant], [output], "inserted"));
        return true;
    });

    private static bool Renamed(OnnxModel model)
    {
        model.Graph.Node[0].Name += "'";
        return true;
    }
}
