using Haq.Benchmarks.Reproduction.Figures;

namespace Haq.Engine.Tests.Reproduction;

public class SpreadTests
{
    [Fact]
    public void The_standard_error_is_that_of_the_mean()
    {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares off it 32, so √(32 / 7 / 8) = 0.755929.
        var spread = Spread.Of([2, 4, 4, 4, 5, 5, 7, 9])!.Value;
        Assert.Equal(5, spread.Mean, 12);
        Assert.Equal(0.755929, spread.StandardError!.Value, 6);
        Assert.Equal(8, spread.Count);
        Assert.Equal("5.00 ± 0.76", spread.Text("0.00"));
    }

    [Fact]
    public void One_seed_has_no_spread()
    {
        var spread = Spread.Of([61.5])!.Value;
        Assert.Null(spread.StandardError);
        Assert.Equal("61.50", spread.Text("0.00"));
        Assert.Null(Spread.Of([]));
    }
}
