using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Stages.Reports;

namespace Haq.Engine.Tests.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void The_error_of_a_paired_difference_counts_only_the_samples_that_changed()
    {
        SampleScore Sample(bool top1, bool agrees) => new(top1, false, agrees, 0, 1, 1, 0);
        SampleScore[] original = [.. Enumerable.Range(0, 100).Select(i => Sample(i < 90, true))];
        SampleScore[] quantized = [.. Enumerable.Range(0, 100).Select(i => Sample(i is < 87 or > 98, i >= 5))];
        // Three lost, one gained: mean -0.02, variance of the differences 0.04 - 0.0004.
        Assert.Equal(100 * Math.Sqrt((0.04 - 0.0004) / 99), Metrics.DifferenceError(quantized, original, s => s.Top1 ? 1 : 0)!.Value, 12);
        Assert.Equal(100 * Math.Sqrt(0.05 * 0.95 / 99), Metrics.DifferenceError(quantized, original, s => s.Agrees ? 1 : 0)!.Value, 12);
        Assert.Equal(0, Metrics.DifferenceError(original, original, s => s.Top1 ? 1 : 0));
        Assert.Null(Metrics.DifferenceError(original.AsSpan(0, 1), original.AsSpan(0, 1), s => s.Top1 ? 1 : 0));
    }

    [Fact]
    public void Ranks_and_agreement()
    {
        float[] output = [0.1f, 5, 3, 2, 1, 0.5f], reference = [0, 1, 9, 0, 0, 0];
        Assert.Equal((true, true, false), Flags(Metrics.Score(output, reference, 1, OutputKind.Logits)));
        Assert.Equal((false, true, false), Flags(Metrics.Score(output, reference, 5, OutputKind.Logits)));
        Assert.Equal((false, false, false), Flags(Metrics.Score(output, reference, 0, OutputKind.Logits)));
        Assert.Equal((false, false, true), Flags(Metrics.Score(reference, reference, -1, OutputKind.Logits)));
    }

    // softmax([0, ln 3]) = [1/4, 3/4]; softmax([0, 0]) = [1/2, 1/2]: KL = 1/4 ln(1/2) + 3/4 ln(3/2).
    [Fact]
    public void Divergence_by_hand()
    {
        double expected = 0.25 * Math.Log(0.5) + 0.75 * Math.Log(1.5);
        Assert.Equal(expected, Metrics.Score([7, 7], [0, MathF.Log(3)], -1, OutputKind.Logits).Divergence, 1e-6);
        Assert.Equal(expected, Metrics.Score([0.5f, 0.5f], [0.25f, 0.75f], -1, OutputKind.Probabilities).Divergence, 1e-6);
    }

    [Fact]
    public void Cosine_and_noise_by_hand()
    {
        var score = Metrics.Score([3, 4], [4, 3], -1, OutputKind.Values);
        Assert.Equal(24.0 / 25, score.Cosine, 1e-12);
        Assert.Equal((25, 2), (score.Signal, score.Noise));
        var summary = Metrics.Summarize([score, score], false, OutputKind.Values);
        Assert.Equal(10 * Math.Log10(12.5), summary.SqnrDecibels!.Value, 1e-12);
        Assert.Null(summary.Top1);
        Assert.Null(summary.Agreement);
        Assert.Equal(0.08, summary.Loss, 1e-12);
    }

    [Fact]
    public void Rows_that_add_up_to_one_are_probabilities()
    {
        Assert.Equal(OutputKind.Probabilities, Metrics.KindOf([0.25f, 0.75f, 1, 0], 2));
        Assert.Equal(OutputKind.Logits, Metrics.KindOf([0.25f, 0.75f, 1, 1], 2));
        Assert.Equal(OutputKind.Logits, Metrics.KindOf([-0.5f, 1.5f], 2));
        Assert.Equal(OutputKind.Values, Metrics.KindOf([1], 1));
    }

    [Fact]
    public void Not_a_number_is_no_class() => Assert.Equal((false, false, false), Flags(Metrics.Score([float.NaN, 1], [0, 1], 1, OutputKind.Values)));

    private static (bool, bool, bool) Flags(SampleScore score) => (score.Top1, score.Top5, score.Agrees);
}
