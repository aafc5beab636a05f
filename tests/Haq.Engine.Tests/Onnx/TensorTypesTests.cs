using Haq.Engine.Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class TensorTypesTests
{
    private static OnnxModel Product(params long[] input) => TinyModel.Of(
        13, ("x", input), [TensorData.Of("w", [16, 24], new float[384])], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["p"]), OnnxNode.Of(OpNames.Relu, ["p"], ["y"]));

    private static string[] Extents(OnnxModel model, string tensor) =>
        [.. model.Graph.ValueInfo.Single(v => v.Name == tensor).Type.TensorType.Shape.Dim.Select(d => d.DimParam.Length > 0 ? d.DimParam : $"{d.DimValue}")];

    [Fact]
    public void Free_extents_stay_free()
    {
        var model = Product(-1, -1, 16);
        TensorTypes.Complete(model);
        Assert.Equal(["d0", "d1", "24"], Extents(model, "p"));
    }

    [Fact]
    public void A_free_extent_that_takes_one_size_only_is_taken_from_the_example()
    {
        var model = Product(-1, -1);
        TensorTypes.Complete(model);
        Assert.Empty(model.Graph.ValueInfo);
        TensorTypes.Complete(model, new Dictionary<string, long[]> { ["x"] = [1, 16] });
        Assert.Equal(["d0", "24"], Extents(model, "p"));
        Assert.Equal(2, model.Graph.Output[0].Type.TensorType.Shape.Dim.Count);
    }

    [Fact]
    public void An_input_of_any_rank_has_the_examples()
    {
        var model = Product(1, 16);
        model.Graph.Input[0].Type.TensorType.Shape = null;
        TensorTypes.Complete(model, new Dictionary<string, long[]> { ["x"] = [1, 16] });
        Assert.Equal(["0", "24"], Extents(model, "p"));
    }

    [Fact]
    public void The_main_output_is_the_first_of_reals()
    {
        var model = Product(1, 16);
        model.Graph.Output.Insert(0, TinyModel.Value("classes", 1));
        model.Graph.Output[0].Type.TensorType.ElemType = (int)DataType.Int64;
        Assert.Equal("y", model.MainOutput);
        model.Graph.Output.RemoveAt(1);
        Assert.Equal("classes", model.MainOutput);
    }
}
