using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

/// <summary>Tensors and models of gigabytes, by their shapes alone.</summary>
public sealed class LargeTensorTests
{
    [Fact]
    public void A_weight_and_a_table_that_no_array_holds_stay_in_float_and_the_rest_are_layers()
    {
        var ids = new TensorProto { Name = "table", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External, Dims = { 800_000, 1024 } };
        var weight = new TensorProto { Name = "w", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External, Dims = { 20_000, 40_000 } };
        var small = TensorData.Of("v", [40_000, 1], new float[40_000]);
        var model = TinyModel.Of(17, ("x", [1, 20_000]), [ids, weight, small],
            OnnxNode.Of("MatMul", ["x", "w"], ["h"], "large"), OnnxNode.Of("Cast", ["x"], ["i"], "ids").With("to", (int)DataType.Int64),
                OnnxNode.Of("Gather", ["table", "i"], ["e"], "lookup"), OnnxNode.Of("MatMul", ["h", "v"], ["y"], "small"));
        var survey = ModelSurvey.Of(model, new Dictionary<string, long[]>()).Layers;
        Assert.Equal(["small"], survey.Layers.Select(l => l.Name));
        Assert.Empty(survey.Tables);
        Assert.Equal(["large: has 3.2 GB of weights in one tensor; more than 2.1 GB are left in float", "lookup: has 3.3 GB of weights in one tensor; more than 2.1 GB are left in float"],
            survey.Skipped.Select(s => $"{s.Name}: {s.Reason}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(8_000, 8_000, false, false)]
    [InlineData(8_000, 8_400, true, false)]
    [InlineData(16_000, 16_000, true, false)]
    [InlineData(16_000, 16_800, true, true)]
    public void A_quarter_of_a_gigabyte_is_large_and_a_gigabyte_is_huge(long rows, long columns, bool large, bool huge)
    {
        var weight = new TensorProto { Name = "w", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External, Dims = { rows, columns } };
        var model = TinyModel.Of(17, ("x", [1, rows]), [weight], OnnxNode.Of("MatMul", ["x", "w"], ["y"], "product"));
        Assert.Equal((large, huge), (model.IsLarge, model.IsHuge));
        Assert.False(model.IsTooLargeForOneMessage);
    }
}
