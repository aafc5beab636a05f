using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Tests.Quantization.Export;
using Onnx;

namespace Haq.Engine.Tests.Quantization;

/// <summary>The list of preparation passes: every one is pure, tells what it did, and leaves what the network computes.</summary>
public sealed class PreparationPassesTests
{
    private static readonly PreparationOptions s_everything = new() { Equalize = true, Blocks = true };

    [Fact]
    public void Every_pass_computes_the_same_and_leaves_its_input_alone()
    {
        var model = Network();
        float[] expected = QonnxExporterTests.Outputs(model);
        foreach (var pass in PreparationPasses.For(s_everything))
        {
            string digest = model.Digest();
            var result = pass.Apply(model);
            Assert.Equal(digest, model.Digest());
            Assert.Equal(result.Changed, digest != result.Model.Digest());
            if (!result.Changed) Assert.Same(model, result.Model);
            float[] actual = QonnxExporterTests.Outputs(result.Model);
            // Folding and equalizing round weights once more; the outputs are about 1.
            Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 1e-5, $"{pass.Label}: {pair.First} became {pair.Second}"));
            model = result.Model;
        }
    }

    [Fact]
    public void What_each_pass_did_is_told()
    {
        var model = QuantizableModel.Prepare(Network(), s_everything);
        Assert.Equal(
            ["name every node", "keep weights constant", "compute constant parts", "raise the operator set to 21", "fold batch normalization",
                "equalize neighbouring layers", "write Gemm as MatMul and Add"],
            model.Passes.Where(p => p.Changed).Select(p => p.Label));
        Assert.Equal(["norm"], model.Folded);
        Assert.Equal(["first"], model.Equalized);
        Assert.Equal(["head"], model.Passes[^1].Nodes);

        // A second time there is nothing left to do but to equalize what is equal within the tolerance.
        var again = QuantizableModel.Prepare(model.Float, s_everything);
        Assert.DoesNotContain(again.Passes, p => p.Changed && p.Label != "equalize neighbouring layers");
    }

    [Fact]
    public void Each_exact_rewriting_is_switched_by_itself()
    {
        foreach (var rewriting in Simplification.All)
        {
            string[] labels = [.. PreparationPasses.For(new PreparationOptions { Simplify = [rewriting.Name] }).Select(p => p.Label)];
            Assert.Equal([rewriting.Label], labels.Intersect(Simplification.All.Select(s => s.Label)));
        }
        Assert.Empty(PreparationPasses.For(new PreparationOptions { Simplify = [] }).Select(p => p.Label).Intersect(Simplification.All.Select(s => s.Label)));
        // Without folding nothing takes up what is moved.
        Assert.DoesNotContain(PreparationPasses.For(new PreparationOptions { FoldBatchNorm = false }), p => p.Label == NormalizationLifting.Label);
    }

    [Fact]
    public void A_pass_is_named_by_the_patch_that_it_could_not_make()
    {
        var model = Network();
        var refused = Assert.Throws<Haq.Engine.Diagnostics.HaqException>(() => new GraphPatch(model, "lose a node").Remove(model.Graph.Node[1]).Apply());
        Assert.Contains("'lose a node'", refused.Message, StringComparison.Ordinal);
    }

    // An older exporter's habits: weights listed as inputs, one of them behind a Transpose, a node without a name, batch normalization, a scaled Gemm.
    private static OnnxModel Network()
    {
        var random = new SeededRandom(11);
        TensorProto Reals(string name, double around, params long[] dims)
        {
            float[] values = new float[dims.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++) values[i] = (float)(around + 0.3 * random.NextNormal());
            return TensorData.Of(name, dims, values);
        }
        TensorProto[] constants =
        [
            Reals("w1", 0, 3, 1, 3, 3), Reals("scale", 1, 3), Reals("shift", 0, 3), Reals("mean", 0, 3),
                TensorData.Of("variance", [3], [1.5f, 0.7f, 1.1f]), Reals("w2", 0, 4, 3, 1, 1), Reals("rows", 0, 5, 4),
        ];
        var model = TinyModel.Of(13, ("image", [-1, 1, 6, 6]), constants,
            OnnxNode.Of("Conv", ["image", "w1"], ["a"], "first"),
            OnnxNode.Of("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["b"], "norm"),
            OnnxNode.Of("Relu", ["b"], ["c"], "relu"),
            OnnxNode.Of("Conv", ["c", "w2"], ["d"], ""),
            OnnxNode.Of("GlobalAveragePool", ["d"], ["e"], "pool"),
            OnnxNode.Of("Flatten", ["e"], ["f"], "flat"),
            OnnxNode.Of("Transpose", ["rows"], ["columns"], "turn"),
            OnnxNode.Of("Gemm", ["f", "columns"], ["logits"], "head").With("alpha", 0.5f));
        model.Graph.Input.Add(TinyModel.Value("w1", 3, 1, 3, 3));
        return model;
    }
}
