using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Html;

namespace Haq.Engine.Tests.Reporting;

public sealed class FigureTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.000162, "0.000162")]
    [InlineData(0.046310, "0.0463")]
    [InlineData(1.2345, "1.23")]
    [InlineData(57.72, "57.7")]
    [InlineData(151.09, "151")]
    [InlineData(23634.8, "23,635")]
    [InlineData(-2.5, "−2.50")]
    [InlineData(23634821, "2.36e7")]
    [InlineData(0.0000123, "1.23e-5")]
    [InlineData(double.NaN, "–")]
    public void Three_digits_that_people_read(double value, string text) => Assert.Equal(text.Replace("e-", "e−", StringComparison.Ordinal), Figure.Short(value));

    [Theory]
    [InlineData(57.7, "57.7 ms")]
    [InlineData(0.0025, "2.50 µs")]
    [InlineData(12500, "12.5 s")]
    [InlineData(0, "0 ms")]
    public void Times_carry_a_unit_that_fits(double ms, string text) => Assert.Equal(text, Figure.Time(ms));

    [Theory]
    [InlineData(-0.7, "−0.70")]
    [InlineData(0.7, "+0.70")]
    [InlineData(0.001, "±0.00")]
    public void Points_are_signed(double points, string text) => Assert.Equal(text, Figure.Points(points));

    [Theory]
    [InlineData(3, 97)]
    [InlineData(-5, 5)]
    [InlineData(7, 7)]
    [InlineData(0, 0)]
    [InlineData(91.2, 92.8)]
    [InlineData(1e-9, 3e-9)]
    public void A_linear_axis_holds_its_values_between_round_ticks(double low, double high)
    {
        var axis = Axis.Linear([low, high]);
        Assert.InRange(axis.At(low), 0, 1);
        Assert.InRange(axis.At(high), 0, 1);
        Assert.InRange(axis.Ticks.Count, 2, 12);
        Assert.Equal(low, axis.ValueAt(axis.At(low)), 9);
    }

    [Theory]
    [InlineData(0.3, 700)]
    [InlineData(5, 5)]
    [InlineData(1, 1e12)]
    [InlineData(2.1, 2.9)]
    [InlineData(1e-6, 1e-5)]
    public void A_logarithmic_axis_holds_its_values_and_few_ticks(double low, double high)
    {
        var axis = Axis.Logarithmic([low, high, 0, -1, double.NaN]);
        Assert.InRange(axis.At(low), -1e-9, 1 + 1e-9);
        Assert.InRange(axis.At(high), -1e-9, 1 + 1e-9);
        Assert.InRange(axis.Ticks.Count, 2, 14);
        Assert.True(axis.ValueAt(1) > axis.ValueAt(0));
    }

    [Fact]
    public void Counting_axes_have_no_ticks_between_whole_numbers() =>
        Assert.All(Axis.Linear([1, 3], 6, whole: true).Ticks, t => Assert.Equal(Math.Round(t), t));

    [Fact]
    public void An_axis_of_equal_percentages_ends_at_the_hundred()
    {
        Assert.Equal(100, Axis.Linear([100, 100], most: 100).ValueAt(1), 9);
        Assert.Equal(110, Axis.Linear([100, 100]).ValueAt(1), 9);
    }
}
