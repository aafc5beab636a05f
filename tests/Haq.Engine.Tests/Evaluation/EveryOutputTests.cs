using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Evaluation;

/// <summary>Networks of several heads: each counts by itself, however small its numbers are.</summary>
public sealed class EveryOutputTests
{
    private const int Width = 12;

    // What the first head does not read is still seen, and the figures are those of the outputs one by one.
    [Fact]
    public void The_loss_is_of_all_outputs_relative_noise_and_the_cosine_the_worst_ones()
    {
        var quantizer = Quantizer();
        using var data = Data(20, 9);
        using var both = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { EveryOutput = true, Kind = OutputKind.Values, Batch = 4 });
        Assert.Equal(["y", "h", "z"], both.Outputs);
        var quantized = quantizer.Quantize(Policy.Uniform(3, new LayerBits(8, 8)).With(2, new LayerBits(3, 8)));
        var samples = both.Outputs.Select(output => Samples(quantizer, quantized, data, output)).ToArray();
        using var joined = both.Open(quantized, reuse: false);
        var score = both.Summarize(both.Run(joined.Run, CancellationToken.None));
        double[] powers = [.. samples.Select(o => o.Average(s => s.Signal))];
        double loss = Enumerable.Range(0, data.Count).Average(s => Math.Sqrt(samples.Select((o, i) => Math.Pow(o[s].Noise / powers[i], 2)).Average()));
        Assert.Equal(loss, score.Loss, 1e-9);
        double[] cosines = [.. samples.Select(o => o.Average(s => s.Cosine))];
        Assert.Equal(cosines[2], cosines.Min());
        Assert.Equal(cosines[2], score.Cosine!.Value, 1e-12);
        // The third output's numbers are a thousandth of the first's.
        Assert.True(powers[0] > 1e5 * powers[2], $"{powers[0]} {powers[2]}");
        Assert.Equal(0, both.Float.Loss);
        Assert.Equal(1, both.Float.Cosine!.Value, 1e-12);
    }

    [Fact]
    public void Beside_classes_other_outputs_add_their_noise_to_the_divergence()
    {
        var quantizer = Quantizer();
        using var data = Data(20, 9);
        var quantized = quantizer.Quantize(Policy.Uniform(3, new LayerBits(4, 8)));
        PolicyScore Score(EvaluationOptions options)
        {
            using var set = new EvaluationSet(quantizer.Model.Float, data, options);
            using var network = set.Open(quantized, reuse: false);
            return set.Summarize(set.Run(network.Run, CancellationToken.None));
        }

        var (classes, all) = (Score(new EvaluationOptions { Batch = 4 }), Score(new EvaluationOptions { EveryOutput = true, Batch = 4 }));
        var others = ((string[])["h", "z"]).Select(o => Samples(quantizer, quantized, data, o)).ToArray();
        double added = Enumerable.Range(0, data.Count).Average(s => Math.Sqrt(others.Average(o => Math.Pow(o[s].Noise / o.Average(x => x.Signal), 2))));
        Assert.Equal(classes.Agreement, all.Agreement);
        Assert.Equal(classes.Loss + added, all.Loss, 1e-9);
    }

    [Theory]
    [InlineData(JoinedLoss.Cosine)]
    [InlineData(JoinedLoss.Noise)]
    public void Figures_of_similarity_make_the_loss_where_they_are_asked_for(JoinedLoss by)
    {
        var quantizer = Quantizer();
        using var data = Data(20, 9);
        var quantized = quantizer.Quantize(Policy.Uniform(3, new LayerBits(4, 8)));
        var outputs = ((string[])["y", "h", "z"]).Select(o => Samples(quantizer, quantized, data, o)).ToArray();
        double Part(SampleScore[] output, int s) => by == JoinedLoss.Cosine ? 2 * (1 - output[s].Cosine) : output[s].Noise / output.Average(x => x.Signal);
        double expected = Enumerable.Range(0, data.Count).Average(s => Math.Sqrt(outputs.Average(o => Math.Pow(Part(o, s), 2))));
        // The first output has a row of numbers for each sample, as classes have.
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { EveryOutput = true, Joined = by, Batch = 4 });
        Assert.NotEqual(OutputKind.Values, set.Kind);
        using var network = set.Open(quantized, reuse: false);
        Assert.Equal(expected, set.Summarize(set.Run(network.Run, CancellationToken.None)).Loss, 1e-9);
    }

    [Fact]
    public void Cut_whole_and_plain_networks_give_the_same_bits_of_all_outputs()
    {
        var quantizer = Quantizer();
        using var data = Data(12, 4);
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { EveryOutput = true, Batch = 4 });
        var networks = new PolicyNetworks(quantizer.Model.Float, set.Outputs, new PrefixStore(0, 3));
        var policy = Policy.Uniform(3, new LayerBits(8, 8));
        // The layer behind the outputs y and h changes, so that both are made by what is stored.
        foreach (int weights in new[] { 4, 5, 6, 7 })
        {
            var quantized = quantizer.Quantize(policy.With(2, new LayerBits(new Bitwidth(weights), 8)));
            SampleScore[] plain, cut;
            using (var network = networks.Plain(quantized)) plain = set.Run(network.Run, CancellationToken.None);
            using (var network = set.Open(quantized, reuse: true))
            {
                Assert.IsType<CutNetwork>(network);
                cut = set.Run(network.Run, CancellationToken.None);
            }
            Assert.Equal(plain.Select(s => (s.Noise, s.Signal)), cut.Select(s => (s.Noise, s.Signal)));
            Assert.Equal(plain.SelectMany(s => s.Cosines!), cut.SelectMany(s => s.Cosines!));
        }
        Assert.True(set.StoredPrefixBytes > 0);
    }

    [Fact]
    public void Second_order_scores_look_at_all_outputs_where_all_count()
    {
        var quantizer = Quantizer();
        using var data = Data(64, 8);
        LayerBits[] choices = [new LayerBits(2, 8), new LayerBits(8, 8)];
        SensitivityTable Scores(bool every) => new FisherScorer(quantizer, data, new SeededRandom(3), output: "y", threads: 1) { EveryOutput = every }
            .Score([choices, choices, choices], [[0], [1], [2]], CancellationToken.None);
        using var set = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { EveryOutput = true });
        var measured = new ProbeScorer(new MeasuredEvaluator(quantizer, set)).Score([choices, choices, choices], [[0], [1], [2]], CancellationToken.None);
        var predicted = Scores(every: true);
        for (int layer = 0; layer < 3; layer++)
        {
            double ratio = predicted.WeightsOf(layer)[1] / measured.WeightsOf(layer)[1];
            Assert.InRange(ratio, 0.3, 3);
        }
    }

    [Fact]
    public void Outputs_that_have_no_row_for_each_sample_do_not_count()
    {
        var model = Model();
        model.Graph.Node.Add(OnnxNode.Of("ReduceMean", ["z"], ["level"], "level").With("keepdims", 0L));
        model.Graph.Output.Add(TinyModel.Value("level"));
        using var data = Data(8, 2);
        using var set = new EvaluationSet(model, data, new EvaluationOptions { EveryOutput = true, Batch = 4 });
        Assert.Equal(["y", "h", "z"], set.Outputs);
    }

    private static SampleScore[] Samples(PostTrainingQuantizer quantizer, QuantizedModel quantized, ArrayDataset data, string output)
    {
        using var one = new EvaluationSet(quantizer.Model.Float, data, new EvaluationOptions { Output = output, Kind = OutputKind.Values, Batch = 4 });
        Assert.Equal([output], one.Outputs);
        using var network = one.Open(quantized, reuse: false);
        return one.Run(network.Run, CancellationToken.None);
    }

    private static PostTrainingQuantizer Quantizer()
    {
        var model = QuantizableModel.Prepare(Model(), new PreparationOptions());
        using var data = Data(48, 5);
        return new PostTrainingQuantizer(model, new Calibrator(model).Run(data));
    }

    private static ArrayDataset Data(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        return new ArrayDataset("x", [Width], [.. Enumerable.Range(0, count * Width).Select(_ => (float)random.NextNormal())]);
    }

    // The second head's numbers are a thousandth of the first's.
    private static OnnxModel Model()
    {
        var random = new SeededRandom(6);
        var graph = new GraphProto { Name = "heads" };
        graph.Input.Add(TinyModel.Value("x", -1, Width));
        graph.Output.Add([TinyModel.Value("y", -1, Width), TinyModel.Value("h", -1, Width), TinyModel.Value("z", -1, Width)]);
        foreach (var (name, scale) in ((string, double)[])[("w0", 1), ("w1", 10), ("w2", 0.01)])
            graph.Initializer.Add(TensorData.Of(name, [Width, Width], [.. Enumerable.Range(0, Width * Width).Select(_ => (float)(scale * random.NextNormal() / Math.Sqrt(Width)))]));
        graph.Node.Add([
            OnnxNode.Of(OpNames.MatMul, ["x", "w0"], ["m"], "first"), OnnxNode.Of(OpNames.Relu, ["m"], ["h"], "relu"), OnnxNode.Of(OpNames.MatMul, ["h", "w1"], ["y"], "head"),
            OnnxNode.Of(OpNames.MatMul, ["h", "w2"], ["z"], "other")]);
        return new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "heads.onnx");
    }
}
