using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Numerics;

public sealed class RankCorrelationTests
{
    [Fact]
    public void The_textbook_example_and_the_limits()
    {
        // IQ and hours of television of ten people, the worked example of Wikipedia's article on the coefficient: rho = -29/165.
        double[] iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        double[] hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        Assert.Equal(-29 / 165.0, RankCorrelation.Spearman(iq, hours), 12);
        Assert.Equal(1, RankCorrelation.Spearman([1, 2, 3], [10, 100, 1e9]), 12);
        Assert.Equal(-1, RankCorrelation.Spearman([1, 2, 3], [0, -1, -7]), 12);
    }

    [Fact]
    public void Ties_share_their_rank_and_nothing_to_rank_is_no_number()
    {
        // Ranks 1, 2.5, 2.5, 4 against 1..4: 4.5 / sqrt(4.5 * 5).
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelation.Spearman([0, 5, 5, 9], [1, 2, 3, 4]), 12);
        Assert.Equal(double.NaN, RankCorrelation.Spearman([1, 1], [1, 2]));
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1], [1, 2]));
    }
}
