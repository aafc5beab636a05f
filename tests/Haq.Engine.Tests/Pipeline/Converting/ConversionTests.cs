using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Converting;
using Haq.Engine.Tests.Dialects;
using Onnx;

namespace Haq.Engine.Tests.Pipeline.Converting;

public sealed class ConversionTests
{
    private static ConversionResult To(string target, OnnxModel model, ulong seed = 1) =>
        Conversion.Run(model, new ConversionOptions(DialectCatalog.Load(target, ".")) { Samples = 8, Seed = seed });

    // Integers read and written by the file itself: what a conversion finds is what a reader of the file finds.
    private static OnnxModel Read(ConversionResult result)
    {
        string file = Path.Combine(Path.GetTempPath(), $"haq-convert-{Guid.NewGuid():n}.onnx");
        try
        {
            result.Exported.Save(file);
            return OnnxModel.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void There_and_back_is_the_same_to_the_bit_where_both_targets_have_the_grids()
    {
        var original = new QdqNetwork().Build();
        var there = To("qnn", original);
        Assert.All(there.Outputs, o => Assert.True(o.IsExact, o.ToString()));
        Assert.All(there.Grids, g => Assert.Equal(GridEffect.Exact, g.Effect));
        Assert.True(there.Conformance.Passes);
        var back = To("onnxruntime", Read(there));
        Assert.All(back.Outputs, o => Assert.True(o is { IsExact: true, Values: 8 * 8, MaxAbsolute: 0, Cosine: 1 }, o.ToString()));

        var (changed, kept) = GridChanges.Between(original, Read(back));
        Assert.Empty(changed.Where(g => g.Effect != GridEffect.Exact));
        Assert.Equal(4, kept + changed.Length);
    }

    [Fact]
    public void Signed_activations_are_the_same_reals_in_unsigned_types()
    {
        var result = To("qnn", new QdqNetwork { Activation = DataType.Int8, ZeroPoint = 3 }.Build());
        var input = Assert.Single(result.Grids, g => g.Tensor == "x");
        Assert.Equal((GridEffect.Exact, GridRole.Activation), (input.Effect, input.Role));
        Assert.Equal(("int8, scale 0.1, zero point 3", "uint8, scale 0.1, zero point 131"), (input.Before, input.After));
        Assert.All(result.Outputs, o => Assert.True(o.IsExact, o.ToString()));
    }

    [Fact]
    public void A_zero_point_that_the_target_refuses_moves_the_grid_and_the_difference_is_measured()
    {
        var model = new QdqNetwork { ZeroPoint = 100 }.Build();
        var result = To("tensorrt", model);
        Assert.True(result.Conformance.Passes);
        Assert.True(ConformanceCheck.Run(Read(result), DialectCatalog.Load("tensorrt", ".")).Passes);
        var input = Assert.Single(result.Grids, g => g.Tensor == "x");
        // From -10 to 15.5: 127 multiples of 15.5 / 127 upwards.
        Assert.Equal((GridEffect.Moved, "int8, scale 0.122047, zero point 0"), (input.Effect, input.After));
        var output = Assert.Single(result.Outputs);
        Assert.InRange(output.MaxAbsolute, 1e-6, 0.5);
        Assert.InRange(output.Cosine, 0.9, 0.999999);
        Assert.Contains(result.Grids, g => g is { Role: GridRole.Bias, Effect: GridEffect.Exact, After: null });
    }

    [Theory]
    [InlineData("onnxruntime")]
    [InlineData("openvino")]
    [InlineData("qnn")]
    [InlineData("st-neural-art")]
    [InlineData("tensorrt")]
    [InlineData("vitis-ai")]
    public void What_is_written_passes_the_check_of_its_target(string target)
    {
        QdqNetwork[] networks =
        [
            new(),
            new() { Activation = DataType.Int8, ZeroPoint = 0, PerChannel = false },
            new() { Weight = DataType.Uint8, WeightZeroPoint = 128 },
            new() { Weight = DataType.Uint8, WeightZeroPoint = 100 },
            new() { Bias = null, HasOutputPair = false, Behind = OnnxNode.Of(OpNames.Relu, ["c"], ["y"], "relu"), WritesAttributes = false, Batch = -1 },
        ];
        foreach (var network in networks)
        {
            var result = To(target, network.Build());
            Assert.True(result.Conformance.Passes, string.Join("; ", result.Conformance.Verdicts.SelectMany(v => v.Breaches).Select(b => b.What)));
            Assert.All(result.Outputs, o => Assert.InRange(o.Cosine, 0.98, 1));
        }
    }

    [Fact]
    public void Four_bits_go_into_eight_of_the_same_scale_where_the_target_has_no_four()
    {
        var result = To("tensorrt", new QdqNetwork { Weight = DataType.Int4, WeightScale = 0.3f, Activation = DataType.Int8, ZeroPoint = 0 }.Build());
        var weights = Assert.Single(result.Grids, g => g.Role == GridRole.Weights);
        Assert.Equal((GridEffect.Exact, "int8, 2 scales 0.3 to 0.3, zero point 0"), (weights.Effect, weights.After));
        Assert.All(result.Outputs, o => Assert.True(o.MaxAbsolute < 1e-5, o.ToString()));
    }

    [Fact]
    public void A_limiter_says_how_far_a_moved_grid_has_to_reach()
    {
        var relu = To("tensorrt", new QdqNetwork { ZeroPoint = 200 }.Build());
        // The type reaches from -20 to 5.5, a Relu's result from 0.
        Assert.Equal("int8, scale 0.0433071, zero point 0", Assert.Single(relu.Grids, g => g.Tensor == "y" || g.Tensor == "r").After);
        Assert.Equal("int8, scale 0.15625, zero point 0", Assert.Single(relu.Grids, g => g.Tensor == "x").After);
    }

    [Fact]
    public void A_tensor_without_a_grid_gets_one_and_says_that_it_was_guessed()
    {
        var result = To("qnn", new QdqNetwork { HasOutputPair = false }.Build());
        Assert.Contains(result.Grids, g => g is { Effect: GridEffect.Added, Role: GridRole.Activation });
        Assert.NotEmpty(result.GuessedRanges);
        Assert.True(result.Conformance.Passes);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_one_other_samples()
    {
        var model = new QdqNetwork { HasOutputPair = false, ZeroPoint = 100 }.Build();
        ConversionResult first = To("tensorrt", model), again = To("tensorrt", model), other = To("tensorrt", model, seed: 2);
        Assert.Equal(first.Exported.Proto, again.Exported.Proto);
        Assert.Equal(first.Outputs, again.Outputs);
        Assert.NotEqual(first.Outputs, other.Outputs);
    }

    [Fact]
    public void What_cannot_be_converted_says_why()
    {
        var custom = new QdqNetwork { Behind = OnnxNode.Of("Spike", ["c"], ["r"], "spike", "org.example") }.Build();
        custom.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "org.example", Version = 1 });
        var error = Assert.Throws<HaqException>(() => To("qnn", custom));
        Assert.Equal(DiagnosticCatalog.NotConvertible, error.Diagnostic.Descriptor);
        Assert.Contains("'spike' is a custom operator (org.example:Spike)", error.Message, StringComparison.Ordinal);

        var real = new QdqNetwork().Build();
        real.Graph.Node.Clear();
        real.Graph.Node.Add(OnnxNode.Of(OpNames.Relu, ["x"], ["y"], "relu"));
        Assert.Equal(DiagnosticCatalog.NotQdq, Assert.Throws<HaqException>(() => To("qnn", real)).Diagnostic.Descriptor);
    }

    [Theory]
    [InlineData("qnn")]
    [InlineData("openvino")]
    [InlineData("st-neural-art")]
    public void A_file_of_another_tool_stays_the_same_to_the_bit(string target)
    {
        var result = To(target, OnnxModel.Load(Shared.File("models/mlperftiny_kws_dscnn_int8_qdq.onnx")));
        Assert.Equal(0, result.Count(GridEffect.Moved) + result.Count(GridEffect.Added) + result.Count(GridEffect.Removed));
        Assert.All(result.Outputs, o => Assert.True(o.IsExact, o.ToString()));
    }

    [Theory]
    [InlineData("onnxruntime")]
    [InlineData("st-neural-art")]
    public void A_file_of_qlinear_operators_is_converted_with_its_grids(string target)
    {
        var options = new ConversionOptions(DialectCatalog.Load(target, ".")) { Samples = 8, Shapes = new Dictionary<string, long[]> { ["input"] = [16, 10] } };
        var result = Conversion.Run(OnnxModel.Load(Shared.File("zoo/snips_qtdnn_qlinearconv.onnx")), options);
        Assert.DoesNotContain(Read(result).Graph.Node, ExistingQuantization.IsIntegerOperator);
        Assert.Equal(0, result.Count(GridEffect.Moved));
        Assert.All(result.Outputs, o => Assert.InRange(o.Cosine, 0.999, 1));
    }
}
