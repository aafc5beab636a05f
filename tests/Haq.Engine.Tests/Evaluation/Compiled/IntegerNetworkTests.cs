using System.Runtime.Intrinsics.X86;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Runtime.Kernels;
using Onnx;

namespace Haq.Engine.Tests.Evaluation.Compiled;

/// <summary>Networks whose convolutions add integers compute what the plain form does but for its roundings.</summary>
public sealed class IntegerNetworkTests
{
    [Theory]
    // Convolutions in integers: all of them; of the sample, all but its classifier.
    [InlineData("mlperftiny_ic_resnet8_float", 9, 3, 32, 32)]
    [InlineData("resnet20_cifar10_jpegft", 19, 3, 32, 32)]
    [InlineData("mlperftiny_vww_96_float", 27, 3, 96, 96)]
    [InlineData("mlperftiny_kws_dscnn_float", 9, 1, 49, 10)]
    public void Scores_are_those_of_the_plain_form_within_a_tenth(string model, int convolutions, int channels, int height, int width)
    {
        Assert.SkipUnless(IntegerConvolutions.AreSupported, "convolutions in integers need AVX2");
        using var images = CompiledNetworkTests.Noise(model, 16, channels, height, width, out var quantizer);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2 });
        var policy = MeasuredEvaluatorTests.Mixed(quantizer, model, 3, 4, 5, 6, 8);
        var quantized = quantizer.Quantize(policy);
        var graph = CompiledGraph.Of(quantized, set.Outputs, integers: true);
        Assert.NotNull(graph);
        Assert.Equal(convolutions, ModelProto.Parser.ParseFrom(graph.Write(quantized, null, null).Bytes).Graph.Node.Count(n => n.OpType == IntegerConvKernel.Name));
        double plain = set.Summarize(Samples(integers: false)).Loss, whole = set.Summarize(Samples(integers: true)).Loss;
        Assert.Equal(plain, whole, 0.1 * plain);

        // Beginnings that are kept change nothing, nor do other workers.
        var evaluator = new MeasuredEvaluator(quantizer, set, integers: true);
        using var alone = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2, Workers = 1, PrefixMemory = 0 });
        var one = new MeasuredEvaluator(quantizer, alone, integers: true);
        for (int i = 0; i < 6; i++)
        {
            var near = policy.With(policy.Count - 1 - i % 3, policy[policy.Count - 1 - i % 3] with { Weights = new Bitwidth(2 + i) });
            Assert.Equal(one.Evaluate(near, CancellationToken.None), evaluator.Evaluate(near, CancellationToken.None));
        }
        Assert.True(set.StoredPrefixBytes > 0);

        SampleScore[] Samples(bool integers)
        {
            using var network = integers ? set.OpenInIntegers(quantizer, policy, reuse: false) : set.Open(quantized, reuse: false);
            return set.Run(network.Run, CancellationToken.None);
        }
    }

    [Fact]
    public void What_is_too_wide_for_exact_sums_is_computed_in_its_plain_form()
    {
        using var images = CompiledNetworkTests.Noise("mlperftiny_kws_dscnn_float", 4, 1, 49, 10, out var quantizer);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2 });
        var policy = MeasuredEvaluatorTests.Mixed(quantizer, "wide", 4, 6, 8);
        foreach (var wide in (LayerBits[])[policy[2] with { Weights = new Bitwidth(10) }, policy[2] with { Activations = Bitwidth.Sixteen }])
        {
            var widened = policy.With(2, wide);
            using var integers = set.OpenInIntegers(quantizer, widened, reuse: false);
            using var plain = set.Open(quantizer.Quantize(widened), reuse: false);
            Assert.Equal(set.Run(plain.Run, CancellationToken.None), set.Run(integers.Run, CancellationToken.None));
        }
    }

    [Fact]
    public void Which_policy_came_first_changes_no_score()
    {
        using var images = CompiledNetworkTests.Noise("mlperftiny_kws_dscnn_float", 4, 1, 49, 10, out var quantizer);
        var asked = MeasuredEvaluatorTests.Mixed(quantizer, "asked", 4, 6, 8);
        var first = Enumerable.Range(1, 8).Select(bits => ScoreAfter(Policy.Uniform(asked.Count, new LayerBits(new Bitwidth(bits), new Bitwidth(bits)))));
        Assert.Single(first.Distinct());

        PolicyScore ScoreAfter(Policy before)
        {
            using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2, PrefixMemory = 0 });
            var evaluator = new MeasuredEvaluator(quantizer, set, integers: true);
            evaluator.Evaluate(before, CancellationToken.None);
            return evaluator.Evaluate(asked, CancellationToken.None);
        }
    }
}
