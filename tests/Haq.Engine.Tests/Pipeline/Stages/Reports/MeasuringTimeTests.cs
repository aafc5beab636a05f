using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Tests.Reporting;

namespace Haq.Engine.Tests.Pipeline.Stages.Reports;

public sealed class MeasuringTimeTests
{
    [Fact]
    public void A_part_of_the_time_is_over_before_the_whole_is()
    {
        var now = TimeSpan.Zero;
        var time = new MeasuringTime(TimeSpan.FromSeconds(8), () => now);
        var half = time.UpTo(0.5);
        Assert.False(half.IsOver);
        now = TimeSpan.FromSeconds(4);
        Assert.True(half.IsOver);
        Assert.False(time.IsOver);
        now = TimeSpan.FromSeconds(8);
        Assert.True(time.IsOver);
    }

    [Fact]
    public void What_takes_longer_than_the_time_left_is_not_begun()
    {
        var now = TimeSpan.FromSeconds(3);
        var time = new MeasuringTime(TimeSpan.FromSeconds(8), () => now);
        Assert.True(time.Admits(TimeSpan.FromSeconds(5)));
        Assert.False(time.Admits(TimeSpan.FromSeconds(6)));
        // Of something unknown, half of all the time is expected.
        Assert.True(time.Admits(null));
        now = TimeSpan.FromSeconds(5);
        Assert.False(time.Admits(null));
    }

    [Fact]
    public void A_full_report_has_all_the_time_there_is()
    {
        var time = new MeasuringTime(TimeSpan.Zero, isFull: true);
        Assert.False(time.IsOver);
        Assert.False(time.UpTo(0.5).IsOver);
        Assert.True(time.Admits(TimeSpan.FromDays(1)));
        Assert.True(time.Admits(null));
        Assert.Equal(TimeSpan.FromSeconds(2), time.Part(0.2, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void What_is_measured_in_any_case_takes_a_part_of_the_time()
    {
        var time = new MeasuringTime(TimeSpan.FromSeconds(8), () => TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(1.6), time.Part(0.2, TimeSpan.FromSeconds(2)));
        Assert.Equal(TimeSpan.FromSeconds(1), time.Part(0.2, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_layer_that_was_not_measured_gives_back_what_its_noise_says_and_is_marked()
    {
        // Noise of 10, 20 and 30 dB below the signal gives back 0.2, 0.02 and 0.002 nats: two nats for all of the signal.
        var layers = SampleReports.Of(layers: 5).Layers;
        layers = [.. layers.Select((l, i) => l with { SqnrDb = i == 4 ? null : 10 * (i + 1), GivenBack = i < 3 ? 2 * Math.Pow(10, -(i + 1)) : null, DamageEstimated = null })];
        var filled = DamageEstimate.Fill(layers);
        Assert.Equal(layers.Take(3), filled.Take(3));
        Assert.True(filled[3].DamageEstimated);
        Assert.Equal(2e-4, filled[3].GivenBack!.Value, 1e-12);
        Assert.Equal((null, null), (filled[4].GivenBack, filled[4].DamageEstimated));
        // Two say nothing of a third.
        Assert.Equal(layers.RemoveAt(0), DamageEstimate.Fill(layers.RemoveAt(0)));
    }

    [Fact]
    public void What_was_left_out_is_said_with_what_to_do()
    {
        var left = new LeftOut();
        left.Add("which layers do the damage", 5, 5);
        Assert.Null(left.Text);
        left.Add("which layers do the damage", 3, 5);
        left.Add("the trade-off curve");
        Assert.Contains("which layers do the damage (3 of 5 measured), the trade-off curve", left.Text, StringComparison.Ordinal);
        Assert.Contains("haq report --full", left.Text, StringComparison.Ordinal);
    }
}
