using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Tests.Runtime;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Quantization;

/// <summary>A tensor that is on a grid already keeps it.</summary>
public sealed class ExistingGridTests
{
    [Theory]
    [InlineData(DataType.Uint8, 100, 100)]
    [InlineData(DataType.Int8, -28, 100)]
    public void Eight_bit_layers_take_the_grid_over_and_the_file_runs_as_written(DataType type, long zero, int expected)
    {
        var prepared = Prepared(type, zero);
        using var noise = new RandomDataset(prepared.View, prepared.Shapes, 8);
        var quantizer = new PostTrainingQuantizer(prepared, new Calibrator(prepared).Run(noise));
        var quantized = quantizer.Quantize(Policy.Uniform(1, new LayerBits(8, 8)));
        Assert.Equal((0.047f, expected), (quantized.Layers[0].Activation!.Value.Scale, quantized.Layers[0].Activation!.Value.ZeroPoint));
        Assert.True(TwoSessions.Agreement(QdqExporter.Export(quantized)) > 60);
        Assert.NotEqual(0.047f, quantizer.Quantize(Policy.Uniform(1, new LayerBits(8, 4))).Layers[0].Activation!.Value.Scale);
    }

    [Fact]
    public void Other_tensors_have_none()
    {
        var view = Prepared(DataType.Uint16, 3000).View;
        Assert.Null(ExistingGrid.Of(view, "x1", new Bitwidth(8)));
        Assert.Null(ExistingGrid.Of(view, "x", new Bitwidth(8)));
        Assert.Null(ExistingGrid.Of(view, "y", new Bitwidth(8)));
    }

    private static QuantizableModel Prepared(DataType type, long zero)
    {
        TensorProto[] constants = [TensorData.Scalar("s", 0.047f), TensorData.Scalar("z", type, zero), TensorData.Of("w", [4, 4, 1, 1], TwoSessions.Normal(5, 16))];
        var model = TinyModel.Of(21, ("x", [1, 4, 6, 6]), constants, [.. TwoSessions.Pair("x", "x1", "s", "z"), OnnxNode.Of(OpNames.Conv, ["x1", "w"], ["y"], "layer")]);
        return QuantizableModel.Prepare(model);
    }
}
