using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Each operator whose form changed, in its old form, against itself raised: ONNX Runtime runs both.</summary>
public sealed class OpsetUpgradeTests
{
    public static TheoryData<string, int, int[]> Cases => new()
    {
        { "Clip", 7, [2, 5] }, { "Slice", 9, [4, 6] }, { "TopK", 9, [3, 8] }, { "UpsampleAttribute", 8, [1, 2, 3, 3] }, { "UpsampleInput", 9, [1, 2, 3, 3] },
        { "Resize", 10, [1, 2, 4, 4] }, { "ResizeDown", 10, [1, 2, 4, 4] }, { "Pad", 7, [2, 3] }, { "Dropout", 7, [2, 3] }, { "BatchNormalization", 7, [2, 3, 4] },
        { "Softmax", 12, [2, 3, 4] }, { "SoftmaxLast", 12, [2, 3] }, { "LogSoftmax", 9, [2, 3, 4] }, { "Split", 11, [4, 6] }, { "SplitEven", 13, [4, 6] }, { "Squeeze", 9, [2, 1, 3] },
        { "Unsqueeze", 9, [2, 3] }, { "ReduceSum", 9, [2, 3, 4] }, { "ReduceMean", 13, [2, 3, 4] }, { "Affine", 8, [2, 3] }, { "ImageScaler", 8, [1, 3, 4, 4] },
        { "Crop", 8, [1, 2, 6, 6] }, { "CropWindow", 8, [1, 2, 6, 6] }, { "ScaledTanh", 8, [2, 3] }, { "ParametricSoftplus", 8, [2, 3] }, { "GroupNormalization", 18, [2, 6, 4] },
        { "GridSample", 16, [1, 2, 4, 4] },
    };

    [Theory, MemberData(nameof(Cases))]
    public void The_old_form_and_the_raised_one_compute_the_same(string form, int opset, int[] shape)
    {
        var model = TinyModel.Of(opset, ("x", [.. shape.Select(e => (long)e)]), Constants(), Node(form));
        if (opset < 9) model.Proto.IrVersion = 4;
        var raised = OpsetUpgrade.Raise(model, 21);
        using var inputs = new RandomInputs(model, new Dictionary<string, long[]>());
        RandomInputs.AssertClose(inputs.Run(model), inputs.Run(raised), 1e-6f);
        Assert.Equal(21, raised.OpsetOf());
        Assert.Equal(opset, model.OpsetOf());
    }

    [Fact]
    public void What_cannot_be_raised_is_refused_by_name()
    {
        var model = TinyModel.Of(8, ("x", [2, 3, 4]), Constants(), OnnxNode.Of("BatchNormalization", ["x", "c3", "c3", "c3", "c3"], ["y"], "odd_norm").With("spatial", 0));
        var error = Assert.Throws<HaqException>(() => OpsetUpgrade.Raise(model, 13));
        Assert.Equal(DiagnosticCatalog.UnsupportedOpset, error.Diagnostic.Descriptor);
        Assert.Contains("'odd_norm'", error.Message);
        Assert.Same(model, OpsetUpgrade.Raise(model, 8));
    }

    private static TensorProto[] Constants() =>
    [
        TensorData.Of("c3", [3], [0.5f, 1, 2]), TensorData.Of("c2", [2], [0.5f, 2]), TensorData.Of("scales", [4], [1f, 1, 2, 2]), TensorData.Of("halves", [4], [1f, 1, 0.5f, 0.5f]),
        TensorData.Of("grid", [1, 2, 2, 2], [-0.5f, -0.5f, 0.2f, 0.3f, 0.9f, -0.9f, 0, 1]),
    ];

    private static NodeProto Node(string form) => form switch
    {
        "Clip" => OnnxNode.Of("Clip", ["x"], ["y"]).With("min", -0.5f).With("max", 0.25f),
        "Slice" => OnnxNode.Of("Slice", ["x"], ["y"]).With("starts", [1L, -4]).With("ends", [3L, long.MaxValue]).With("axes", [0L, 1]),
        "TopK" => OnnxNode.Of("TopK", ["x"], ["y", "i"]).With("k", 3).With("axis", 1),
        "UpsampleAttribute" => OnnxNode.Of("Upsample", ["x"], ["y"]).With("scales", [1f, 1, 2, 2]),
        "UpsampleInput" => OnnxNode.Of("Upsample", ["x", "scales"], ["y"]).With("mode", "linear"),
        "Resize" => OnnxNode.Of("Resize", ["x", "scales"], ["y"]),
        "ResizeDown" => OnnxNode.Of("Resize", ["x", "halves"], ["y"]),
        "Pad" => OnnxNode.Of("Pad", ["x"], ["y"]).With("pads", [1L, 0, 0, 2]).With("value", 0.75f),
        "Dropout" => OnnxNode.Of("Dropout", ["x"], ["y", "mask"]).With("ratio", 0.5f),
        "BatchNormalization" => OnnxNode.Of("BatchNormalization", ["x", "c3", "c3", "c3", "c3"], ["y"]).With("spatial", 1),
        "Softmax" or "LogSoftmax" => OnnxNode.Of(form, ["x"], ["y"]),
        "SoftmaxLast" => OnnxNode.Of("Softmax", ["x"], ["y"]).With("axis", 1),
        "Split" => OnnxNode.Of("Split", ["x"], ["y", "z"]).With("axis", 1).With("split", [2L, 4]),
        "SplitEven" => OnnxNode.Of("Split", ["x"], ["y", "z"]).With("axis", 1),
        "Squeeze" => OnnxNode.Of("Squeeze", ["x"], ["y"]).With("axes", [1L]),
        "Unsqueeze" => OnnxNode.Of("Unsqueeze", ["x"], ["y"]).With("axes", [0L, 3]),
        "ReduceSum" or "ReduceMean" => OnnxNode.Of(form, ["x"], ["y"]).With("axes", [1L]).With("keepdims", 0),
        "Affine" => OnnxNode.Of("Affine", ["x"], ["y"]).With("alpha", 2f).With("beta", -1f),
        "ImageScaler" => OnnxNode.Of("ImageScaler", ["x"], ["y"]).With("scale", 0.5f).With("bias", [1f, 2, 3]),
        "Crop" => OnnxNode.Of("Crop", ["x"], ["y"]).With("border", [1L, 2, 0, 1]),
        "CropWindow" => OnnxNode.Of("Crop", ["x"], ["y"]).With("border", [1L, 2, 0, 0]).With("scale", [3L, 4]),
        "ScaledTanh" => OnnxNode.Of("ScaledTanh", ["x"], ["y"]).With("alpha", 1.5f).With("beta", 0.5f),
        "ParametricSoftplus" => OnnxNode.Of("ParametricSoftplus", ["x"], ["y"]).With("alpha", 1.5f).With("beta", 0.5f),
        "GroupNormalization" => OnnxNode.Of("GroupNormalization", ["x", "c2", "c2"], ["y"]).With("num_groups", 2),
        "GridSample" => OnnxNode.Of("GridSample", ["x", "grid"], ["y"]).With("mode", "bilinear"),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "no such form"),
    };
}
