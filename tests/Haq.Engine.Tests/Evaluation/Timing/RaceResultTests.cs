using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Timing;

public sealed class RaceResultTests
{
    [Fact]
    public void The_interval_of_the_median_ratio_holds_it_as_often_as_it_says()
    {
        // True median ratio 0.8; disturbances of every other reading are long, as a busy machine's are.
        var random = new SeededRandom(31);
        int held = 0;
        const int Trials = 400;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] reference = [.. Enumerable.Range(0, 41).Select(_ => 1.0)];
            double[] times = [.. reference.Select(_ => 0.8 * Math.Exp(0.1 * random.NextNormal()))];
            var result = RaceResult.Of(times, reference);
            Assert.True(result.Low <= result.Ratio && result.Ratio <= result.High);
            if (result.Low <= 0.8 && 0.8 <= result.High) held++;
        }
        Assert.InRange(held / (double)Trials, 0.92, 0.99);
    }

    [Fact]
    public void What_disturbs_both_does_not_count()
    {
        double[] drift = [.. Enumerable.Range(0, 30).Select(i => 1 + i * 0.5)];
        var result = RaceResult.Of([.. drift.Select(d => 0.5 * d)], drift);
        Assert.Equal(0.5, result.Ratio, 12);
        Assert.True(result.IsSettled(0.02));
    }
}
