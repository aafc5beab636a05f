using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Tests.Evaluation.Compiled;

/// <summary>The fast forms of a network compute what the plain one computes, bit for bit: one thread per run, so nothing else is to be expected.</summary>
public sealed class CompiledNetworkTests
{
    [Theory]
    [InlineData("mlperftiny_ic_resnet8_float", 3, 32, 32)]
    [InlineData("resnet20_cifar10_jpegft", 3, 32, 32)]
    [InlineData("mlperftiny_vww_96_float", 3, 96, 96)]
    [InlineData("mlperftiny_kws_dscnn_float", 1, 49, 10)]
    public void Compiled_cut_and_plain_networks_give_the_same_bits(string model, int channels, int height, int width)
    {
        using var images = Noise(model, 6, channels, height, width, out var quantizer);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2 });
        var networks = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3));
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var policy = MeasuredEvaluatorTests.Mixed(quantizer, model, 3, 4, 5, 6, 8);
        int stored = 0;
        foreach (int changed in new[] { 1, policy.Count / 2, policy.Count / 2, policy.Count - 1, policy.Count - 1 })
        {
            policy = policy.With(changed, policy[changed] with { Weights = new Bitwidth(policy[changed].Weights == 5 ? 4 : 5) });
            var quantized = quantizer.Quantize(policy);
            SampleScore[] plain, whole, reused;
            using (var network = networks.Plain(quantized)) plain = set.Run(network.Run, CancellationToken.None);
            using (var network = set.Open(quantized, reuse: false))
            {
                Assert.IsType<CutNetwork>(network);
                whole = set.Run(network.Run, CancellationToken.None);
            }
            using (var network = set.Open(quantized, reuse: true)) reused = set.Run(network.Run, CancellationToken.None);
            Assert.Equal(plain, whole);
            Assert.Equal(plain, reused);
            Assert.Equal(set.Summarize(plain), evaluator.Evaluate(policy, CancellationToken.None));
            if (set.StoredPrefixBytes > 0) stored++;
        }
        Assert.InRange(stored, 3, 5);
    }

    [Theory]
    [InlineData("mlperftiny_ic_resnet8_float", 3, 32, 32)]
    [InlineData("mlperftiny_kws_dscnn_float", 1, 49, 10)]
    public void Layers_in_floating_point_within_a_compiled_graph_compute_what_a_graph_of_their_own_does(string model, int channels, int height, int width)
    {
        using var images = Noise(model, 6, channels, height, width, out var quantizer);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2 });
        var whole = quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, model, 4, 6, 8));
        var networks = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3));
        var allReal = whole with { Layers = [.. whole.Layers.Select(Real)] };
        AssertNear(set.FloatSamples.ToArray(), Samples(allReal), 1e-9);
        foreach (int layer in (int[])[0, whole.Layers.Length / 2, whole.Layers.Length - 1])
        {
            // One back in floating point; one alone quantized.
            foreach (var variant in (QuantizedModel[])[With(whole, allReal.Layers[layer]), With(allReal, whole.Layers[layer])])
            {
                SampleScore[] plain;
                using (var network = networks.Plain(variant)) plain = set.Run(network.Run, CancellationToken.None);
                Assert.True(plain.Average(s => s.Divergence) > 1e-6);
                AssertNear(plain, Samples(variant), 0.02 * plain.Average(s => s.Divergence));
            }
        }
        Assert.True(set.StoredPrefixBytes > 0);

        SampleScore[] Samples(QuantizedModel variant)
        {
            using var network = set.OpenVariant(whole, variant);
            Assert.IsType<CutNetwork>(network);
            return set.Run(network.Run, CancellationToken.None);
        }

        static QuantizedLayer Real(QuantizedLayer layer) => layer with { Weights = null, Bias = null, Activation = null };

        // Layers that read one tensor read it alike.
        static QuantizedModel With(QuantizedModel others, QuantizedLayer layer) => others with
        {
            Layers = [.. others.Layers.Select(l => l.Found.Name == layer.Found.Name ? layer : l.Found.Input == layer.Found.Input ? l with { Activation = layer.Activation } : l)],
        };

        static void AssertNear(SampleScore[] expected, SampleScore[] actual, double tolerance)
        {
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Divergence, actual[i].Divergence, tolerance);
        }
    }

    [Fact]
    public void A_variant_that_quantizes_what_the_whole_leaves_in_floating_point_gets_a_graph_of_its_own()
    {
        using var images = Noise("mlperftiny_kws_dscnn_float", 4, 1, 49, 10, out var quantizer);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Batch = 2 });
        var quantized = quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, "places", 4, 6, 8));
        var whole = quantized with { Layers = quantized.Layers.SetItem(1, quantized.Layers[1] with { Activation = null }) };
        using (var network = set.OpenVariant(whole, quantized)) Assert.IsType<PlainNetwork>(network);
        using (var network = set.OpenVariant(quantized, whole)) Assert.IsType<CutNetwork>(network);
    }

    [Fact]
    public void The_exported_form_that_large_networks_are_measured_in_gives_the_same_scores()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(48);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var quantized = quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, "exported", 3, 4, 8));
        using var plain = PlainNetwork.Of(new EvaluationGraph(quantizer.Model.Float), quantized, set.Outputs);
        using var exported = PlainNetwork.Exported(quantized, set.Outputs, ExactSessions.Settings with { Prepacking = false, Arena = false });
        var (expected, measured) = (set.Run(plain.Run, CancellationToken.None), set.Run(exported.Run, CancellationToken.None));
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Divergence, measured[i].Divergence, 1e-4);
    }

    [Fact]
    public void A_prefix_store_stays_within_its_memory_and_scores_do_not_depend_on_it()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(40);
        var scores = new List<PolicyScore[]>();
        // One sample's largest map is 8·28·28 numbers: the second takes late cuts only, the third drops old ones all the time.
        foreach (long memory in new[] { 0, 80_000, 1_000_000, 1L << 30 })
        {
            using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { PrefixMemory = memory });
            var evaluator = new MeasuredEvaluator(quantizer, set);
            var random = new SeededRandom(4);
            var policy = MeasuredEvaluatorTests.Mixed(quantizer, "store", 4, 5, 6);
            var found = new List<PolicyScore> { evaluator.Evaluate(policy, CancellationToken.None) };
            for (int i = 0; i < 9; i++)
            {
                int layer = random.Next(policy.Count);
                found.Add(evaluator.Evaluate(policy.With(layer, policy[layer] with { Weights = new Bitwidth(3 + random.Next(4)) }), CancellationToken.None));
                Assert.InRange(set.StoredPrefixBytes, 0, memory);
            }
            if (memory == 0 || memory > 1_000_000) Assert.Equal(memory > 0, set.StoredPrefixBytes > 0);
            scores.Add([.. found]);
        }
        foreach (var other in scores.Skip(1)) Assert.Equal(scores[0], other);
    }

    [Fact]
    public void An_evaluation_that_was_broken_off_leaves_nothing_wrong_behind()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(64);
        using var set = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Workers = 1 });
        var policy = MeasuredEvaluatorTests.Mixed(quantizer, "broken", 4, 5, 6);
        var other = quantizer.Quantize(policy.With(20, policy[20] with { Weights = new Bitwidth(7) }));
        var expected = Samples(quantizer.Quantize(policy));
        using (var network = set.Open(other, reuse: true))
        {
            using var source = new CancellationTokenSource();
            int batches = 0;
            Assert.ThrowsAny<OperationCanceledException>(() => set.Run(
                batch =>
                {
                    if (++batches == 2) source.Cancel();
                    return network.Run(batch);
                },
                source.Token));
        }
        Assert.True(set.StoredPrefixBytes > 0);
        Assert.Equal(Samples(other, reuse: false), Samples(other));
        Assert.Equal(expected, Samples(quantizer.Quantize(policy)));

        SampleScore[] Samples(QuantizedModel quantized, bool reuse = true)
        {
            using var network = set.Open(quantized, reuse);
            return set.Run(network.Run, CancellationToken.None);
        }
    }

    [Fact]
    public void The_quantizer_in_one_pass_leaves_zero_positive_and_keeps_every_level()
    {
        // What the blocked layout relies on: zero stays zero, and so does what rounds to it from below.
        var g = new Haq.Engine.Graphs.GraphBuilder();
        var x = g.Input("x", DataType.Float, 6);
        g.Output(Haq.Engine.Graphs.FakeQuantizeOperator.Append(g, x, g.Tensor([0.1f], 1), g.Tensor([-3f, 4, 0, 1], 4), -1, false), "y");
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "zero"), new SessionSettings { Configure = CustomOperators.Register });
        using var feed = OrtTensor.Of<float>([0f, -0f, -0.04f, 0.04f, -9, 9], 6);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = feed })[0];
        int[] bits = [.. y.Values<float>().ToArray().Select(BitConverter.SingleToInt32Bits)];
        Assert.Equal([0, 0, 0, 0, BitConverter.SingleToInt32Bits(-3 * 0.1f), BitConverter.SingleToInt32Bits(4 * 0.1f)], bits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_quantizer_of_scale_zero_lets_pass_what_it_reads(int scales)
    {
        var g = new Haq.Engine.Graphs.GraphBuilder();
        var x = g.Input("x", DataType.Float, 3, 4);
        g.Output(Haq.Engine.Graphs.FakeQuantizeOperator.Append(g, x, g.Tensor(new float[] { 0, 0.5f, 0 }.AsSpan(0, scales), scales), g.Tensor([-3f, 4, 0, 1], 4), scales == 1 ? -1 : 0, false), "y");
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "pass"), new SessionSettings { Configure = CustomOperators.Register });
        float[] values = [.. Enumerable.Range(0, 12).Select(i => 0.3f * i - 1)];
        using var feed = OrtTensor.Of<float>(values, 3, 4);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = feed })[0];
        float[] expected = scales == 1 ? values : [.. values.Select((v, i) => i / 4 == 1 ? 0.5f * Math.Clamp(MathF.Round(v / 0.5f), -3, 4) : v)];
        Assert.Equal(expected, y.Values<float>().ToArray());
    }

    [Fact]
    public void Optimizers_of_ONNX_Runtime_do_not_change_what_an_exported_model_answers()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(200);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var exported = QdqExporter.Export(quantizer.Quantize(MeasuredEvaluatorTests.Mixed(quantizer, "levels", 4, 5, 6, 8)));
        var reference = Run(GraphOptimizationLevel.ORT_DISABLE_ALL);
        foreach (var level in new[] { GraphOptimizationLevel.ORT_ENABLE_BASIC, GraphOptimizationLevel.ORT_ENABLE_EXTENDED, GraphOptimizationLevel.ORT_ENABLE_ALL })
        {
            var optimized = Run(level);
            // Sums in another order differ in the last bit, which now and then puts a value on the other side of a rounding step; nothing may be off by more than that explains.
            Assert.Equal(reference.Count(s => s.Top1), optimized.Count(s => s.Top1), 1.0);
            double[] apart = [.. reference.Zip(optimized, (a, b) => Math.Abs(a.Divergence - b.Divergence)).Order()];
            Assert.True(apart[100] < 1e-3 && apart[^1] < 0.15, $"{level}: median {apart[100]}, greatest {apart[^1]}");
        }

        SampleScore[] Run(GraphOptimizationLevel level)
        {
            using var session = new OrtSession(exported, ExactSessions.Settings with { Optimization = level });
            return set.Run(session, CancellationToken.None);
        }
    }

    internal static ArrayDataset Noise(string name, int count, int channels, int height, int width, out PostTrainingQuantizer quantizer)
    {
        var model = QuantizableModel.Prepare(OnnxModel.Load(Shared.File($"models/{name}.onnx")));
        string input = model.View.Inputs[0].Name;
        var random = new SeededRandom(3);
        float[] values = [.. Enumerable.Range(0, count * channels * height * width).Select(_ => (float)random.NextNormal())];
        var images = new ArrayDataset(input, [channels, height, width], values);
        quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(images), WeightOptions.Plain);
        return images;
    }
}
