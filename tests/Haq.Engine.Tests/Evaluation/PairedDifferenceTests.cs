using Haq.Engine.Evaluation;

namespace Haq.Engine.Tests.Evaluation;

public sealed class PairedDifferenceTests
{
    [Fact]
    public void It_is_the_mean_and_standard_error_of_the_differences()
    {
        // 6 samples: differences +1, -1, -1, 0, 0, 0. Mean -1/6; variance (3 - 6/36)/5; error sqrt(variance/6).
        SampleScore[] network = [Right(true), Right(false), Right(false), Right(true), Right(false), Right(true)];
        SampleScore[] reference = [Right(false), Right(true), Right(true), Right(true), Right(false), Right(true)];
        var difference = PairedDifference.OfTop1(network, reference);
        Assert.Equal(-100.0 / 6, difference.Points, 1e-9);
        Assert.Equal(100 * Math.Sqrt((3 - 6.0 / 36) / 5 / 6), difference.StandardError, 1e-9);
        Assert.Equal(6, difference.Samples);
        Assert.Equal(0, PairedDifference.OfTop1(network, network).StandardError);
        Assert.Throws<ArgumentException>(() => PairedDifference.OfTop1(network, reference.AsSpan(1)));
    }

    private static SampleScore Right(bool right) => new(right, right, right, 0, 1, 1, 0);
}
