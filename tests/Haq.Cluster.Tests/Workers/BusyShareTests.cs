using Haq.Cluster.Workers;

namespace Haq.Cluster.Tests.Workers;

/// <summary>The share of the last minute that threads were at work, against sums done by hand.</summary>
public sealed class BusyShareTests
{
    private readonly SetClock _clock = new();

    [Fact]
    public void A_worker_that_did_nothing_was_not_busy()
    {
        var share = new BusyShare(2, _clock);
        Assert.Equal(0, share.Now);
        _clock.Pass(100);
        Assert.Equal(0, share.Now);
    }

    [Fact]
    public void Threads_count_for_the_time_that_they_had_work()
    {
        var share = new BusyShare(2, _clock);
        share.Begin();
        _clock.Pass(10);
        share.Begin();
        _clock.Pass(10);
        share.End();
        share.End();
        _clock.Pass(10);
        // 10 s of one and 10 s of two, of 30 s of two.
        Assert.Equal(30.0 / 60, share.Now, 9);
    }

    [Fact]
    public void What_is_longer_ago_than_a_minute_counts_no_more()
    {
        var share = new BusyShare(1, _clock);
        share.Begin();
        _clock.Pass(100);
        share.End();
        Assert.Equal(1, share.Now, 9);
        _clock.Pass(45);
        Assert.Equal(0.25, share.Now, 9);
        _clock.Pass(1000);
        Assert.Equal(0, share.Now, 9);
    }

    [Fact]
    public void One_long_piece_is_seen_while_it_lasts()
    {
        var share = new BusyShare(4, _clock);
        _clock.Pass(500);
        share.Begin();
        _clock.Pass(300);
        Assert.Equal(0.25, share.Now, 9);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _now = 12345;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
