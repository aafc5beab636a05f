using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;

namespace Haq.Engine.Tests.Quantization;

public sealed class SoftmaxGridTests
{
    private static readonly GraphView s_view = new(TinyModel.Of(21, ("x", [4, 8]), [TensorData.Of("shape", [2], [8L, 4L])],
        OnnxNode.Of(OpNames.Relu, ["x"], ["r"], "relu"), OnnxNode.Of(OpNames.Softmax, ["r"], ["s"], "softmax"), OnnxNode.Of(OpNames.Reshape, ["s", "shape"], ["y"], "move")));

    [Theory]
    [InlineData(0.0045f, 222)]
    [InlineData(1 / 221f, 221)]
    [InlineData(1 / 256f, 256)]
    [InlineData(0.0003f, 3333)]
    [InlineData(0.9f, 1)]
    public void The_inverse_of_the_scale_is_the_integer_below(float scale, int inverse)
    {
        foreach (string tensor in new[] { "s", "y" })
        {
            var grid = SoftmaxGrid.Of(s_view, tensor, Grid(scale));
            Assert.Equal(inverse, (int)(1f / grid.Scale));
            Assert.Equal(1.0 / inverse, grid.Scale, 1e-6 / inverse);
            Assert.Equal((0, 255), (grid.ZeroPoint, grid.Range.Max));
        }
    }

    [Fact]
    public void Other_tensors_and_wider_grids_keep_theirs()
    {
        Assert.Equal(0.0045f, SoftmaxGrid.Of(s_view, "r", Grid(0.0045f)).Scale);
        var wide = new Quantizer(0.0045f, 0, IntegerRange.Unsigned((Bitwidth)16));
        Assert.Equal(wide, SoftmaxGrid.Of(s_view, "s", wide));
    }

    private static Quantizer Grid(float scale) => new(scale, 0, IntegerRange.Unsigned((Bitwidth)8));
}
