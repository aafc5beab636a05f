using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Numerics;

public sealed class ErrorSummaryTests
{
    // Errors of 0.1, -0.1, -0.5 and 3; quantiles by hand, as numpy's default makes them.
    [Fact]
    public void Errors_are_relative_and_their_quantiles_lie_between_neighbours()
    {
        var errors = ErrorSummary.Of([110, 90, 50, 400], [100, 100, 100, 100]);
        Assert.Equal(4, errors.Count);
        Assert.Equal(0.3, errors.Median, 1e-12);
        Assert.Equal(0.5 + 0.7 * 2.5, errors.NineInTen, 1e-12);
        Assert.Equal(3, errors.Largest, 1e-12);
        Assert.Equal(2.5 / 4, errors.Bias, 1e-12);
        Assert.True(double.IsNaN(errors.RankCorrelation));
    }

    // The example of hours of television against the intelligence quotient in the literature on Spearman's coefficient: -29/165.
    [Fact]
    public void Ranks_are_compared()
    {
        double[] quotients = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110], hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        Assert.Equal(-29.0 / 165, ErrorSummary.Of(quotients, hours).RankCorrelation, 1e-12);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 2.5)]
    [InlineData(0.9, 3.7)]
    [InlineData(1, 4)]
    public void Quantiles(double share, double expected) => Assert.Equal(expected, ErrorSummary.Quantile([3, 1, 4, 2], share), 1e-12);

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ErrorSummary.Of([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => ErrorSummary.Of([], []));
    }
}
