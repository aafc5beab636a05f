using Haq.Engine.Pipeline.Stages.Measuring;

namespace Haq.Engine.Tests.Pipeline.Stages;

public sealed class RareLookTests
{
    [Fact]
    public void Looks_take_a_twentieth_of_the_time_at_most()
    {
        var clock = new Clock();
        var cost = TimeSpan.FromSeconds(3);
        int looks = 0;
        var look = new RareLook(() =>
        {
            looks++;
            clock.Now += cost;
        }, clock);
        int answered = 0;
        for (int policy = 0; policy < 1000; policy++)
        {
            clock.Now += TimeSpan.FromSeconds(1);
            if (look.Looked(atLast: false)) answered++;
        }
        Assert.Equal(looks, answered);
        Assert.Equal(1 + 999 / 60, looks);
        // Nobody waits for seconds at the end.
        Assert.False(look.Looked(atLast: true));
    }

    [Fact]
    public void What_costs_next_to_nothing_is_looked_at_after_every_policy_and_at_the_end()
    {
        var clock = new Clock();
        int looks = 0;
        var look = new RareLook(() =>
        {
            looks++;
            clock.Now += TimeSpan.FromMicroseconds(50);
        }, clock);
        for (int policy = 0; policy < 100; policy++)
        {
            clock.Now += TimeSpan.FromMilliseconds(2);
            Assert.True(look.Looked(atLast: false));
        }
        Assert.True(look.Looked(atLast: true));
        Assert.Equal(101, looks);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
