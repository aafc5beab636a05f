using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Graphs;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Tests.Onnx;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Tests.Evaluation.Sensitivity;

/// <summary>Networks over a gigabyte are scored a stretch at a time; on small ones, cut up as much, the scores are those of the network in one piece.</summary>
public sealed class StreamedFisherTests
{
    private const int Samples = 40;

    private static readonly LayerBits[] s_choices = [new(2, 3), new(2, 8), new(4, 3), new(4, 8), new(8, 3), new(8, 8)];

    [Theory]
    [InlineData(1, false)]
    [InlineData(20_000, false)]
    [InlineData(1L << 40, false)]
    [InlineData(1, true)]
    public void Stretches_score_what_the_network_in_one_piece_does(long stretch, bool every)
    {
        var quantizer = Branching(out var data);
        using var scored = data;
        ImmutableArray<ImmutableArray<int>> groups = [[0], [1, 2], [3]];
        LayerBits[][] choices = [.. Enumerable.Repeat(s_choices, 4)];
        var whole = new FisherScorer(quantizer, data, new SeededRandom(7), threads: 1) { EveryOutput = every }.Score(choices, groups, CancellationToken.None);
        var parts = new StreamedFisherScorer(quantizer, data, new SeededRandom(7), threads: 1) { EveryOutput = every, StretchBytes = stretch }.Score(choices, groups, CancellationToken.None);
        Assert.Equal("fisher", parts.Method);
        for (int layer = 0; layer < 4; layer++)
        {
            AssertNear(whole.WeightsOf(layer), parts.WeightsOf(layer));
            AssertNear(whole.ActivationsOf(layer), parts.ActivationsOf(layer));
        }
        Assert.True(whole.WeightsOf(0)[1] > 0 && whole.ActivationsOf(1)[2] > 0);
        Assert.Equal(0, parts.ActivationsOf(2)[2]);
    }

    [Fact]
    public void What_does_not_fit_the_memory_given_is_not_looked_at_and_one_batch_always_is()
    {
        var quantizer = Branching(out var data);
        using var scored = data;
        using var first = new DatasetSubset(data, [.. Enumerable.Range(0, 32)]);
        LayerBits[][] choices = [.. Enumerable.Repeat(s_choices, 4)];
        ImmutableArray<ImmutableArray<int>> groups = [[0], [1], [2], [3]];
        var little = new StreamedFisherScorer(quantizer, data, new SeededRandom(7), threads: 1) { StretchBytes = 1, KeptBytes = 1 }.Score(choices, groups, CancellationToken.None);
        var some = new StreamedFisherScorer(quantizer, first, new SeededRandom(7), threads: 1) { StretchBytes = 1 }.Score(choices, groups, CancellationToken.None);
        for (int layer = 0; layer < 4; layer++) Assert.Equal(some.WeightsOf(layer).ToArray(), little.WeightsOf(layer).ToArray());
    }

    [Fact]
    public void A_gradient_that_cannot_be_had_is_told_by_the_node_that_has_none()
    {
        var quantizer = Branching(out var data, "Hardmax");
        using var scored = data;
        LayerBits[][] choices = [.. Enumerable.Repeat(s_choices, 4)];
        var error = Assert.Throws<HaqException>(() =>
            new StreamedFisherScorer(quantizer, data, new SeededRandom(7)) { StretchBytes = 1 }.Score(choices, [[0], [1], [2], [3]], CancellationToken.None));
        Assert.Equal("HAQ0503", error.Diagnostic.Descriptor.Code);
        Assert.Contains("(Hardmax)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(1L << 40)]
    public void Stretches_follow_each_other_and_pass_on_what_later_ones_read(long most)
    {
        var quantizer = Branching(out var data);
        using var scored = data;
        var forward = ForwardGraph.Read(quantizer.Model.Float, 8);
        var stretches = Stretch.Of(forward, most);
        Assert.Equal(most == 1 ? forward.Order.Length : most == 1_000 ? stretches.Length : 1, stretches.Length);
        if (most == 1_000) Assert.InRange(stretches.Length, 2, forward.Order.Length - 1);
        int at = 0;
        foreach (var stretch in stretches)
        {
            Assert.Equal(at, stretch.First);
            Assert.True(stretch.Last > stretch.First);
            at = stretch.Last;
            var made = forward.Order[..at].SelectMany(n => n.Output).ToHashSet();
            Assert.Equal(forward.Order[at..].SelectMany(n => n.Input).Where(made.Contains).Distinct().Order(), stretch.Passed.Order());
        }
        Assert.Equal(forward.Order.Length, at);
    }

    private static void AssertNear(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsNaN(expected[i])) Assert.True(double.IsNaN(actual[i]));
            else Assert.InRange(actual[i], expected[i] * (1 - 1e-3) - 1e-12, expected[i] * (1 + 1e-3) + 1e-12);
        }
    }

    // Two layers read one tensor, which also passes them by; a second output is made in the middle.
    private static PostTrainingQuantizer Branching(out ArrayDataset data, string between = "Tanh")
    {
        var random = new SeededRandom(1);
        var model = TinyModel.Of(18, ("x", [-1, 6]), [Weight("w0", 6, 8), Weight("w1", 8, 8), Weight("w2", 8, 8), Weight("w3", 8, 5)],
            OnnxNode.Of("MatMul", ["x", "w0"], ["h"], "first"), OnnxNode.Of(between, ["h"], ["a"], "bend"),
            OnnxNode.Of("MatMul", ["a", "w1"], ["b"], "left"), OnnxNode.Of("MatMul", ["a", "w2"], ["c"], "right"),
            OnnxNode.Of("Sigmoid", ["c"], ["g"], "gate"), OnnxNode.Of("Mul", ["b", "g"], ["m"], "product"), OnnxNode.Of("Add", ["m", "a"], ["s"], "sum"),
            OnnxNode.Of("MatMul", ["s", "w3"], ["z"], "last"), OnnxNode.Of("Softmax", ["z"], ["y"], "softmax"));
        model.Graph.Output.Add(TinyModel.Value("g", -1, 8));
        var values = new SeededRandom(2);
        data = new ArrayDataset("x", [6], [.. Enumerable.Range(0, Samples * 6).Select(_ => (float)values.NextNormal())]);
        var prepared = QuantizableModel.Prepare(model);
        return new PostTrainingQuantizer(prepared, new Calibrator(prepared).Run(data));

        TensorProto Weight(string name, int rows, int columns) => TensorData.Of(name, [rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextNormal() / 2)]);
    }
}
