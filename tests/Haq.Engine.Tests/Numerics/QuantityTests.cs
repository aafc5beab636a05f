using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Tests.Numerics;

public sealed class QuantityTests
{
    private static readonly Dimension[] s_all = [Dimension.Duration, Dimension.Energy, Dimension.Size, Dimension.Percentage, Dimension.Bits, Dimension.Factor];

    [Theory]
    [InlineData("58 ms", 0.058, Dimension.Duration)]
    [InlineData("10 min", 600, Dimension.Duration)]
    [InlineData("1.5h", 5400, Dimension.Duration)]
    [InlineData("3µs", 3e-6, Dimension.Duration)]
    [InlineData("0.6x", 0.6, Dimension.Factor)]
    [InlineData(".1x", 0.1, Dimension.Factor)]
    [InlineData("5 mJ", 5e-3, Dimension.Energy)]
    [InlineData("4.5 bit", 4.5, Dimension.Bits)]
    [InlineData("1.2 MB", 1.2e6, Dimension.Size)]
    [InlineData("2 KiB", 2048, Dimension.Size)]
    [InlineData("1 %", 1, Dimension.Percentage)]
    [InlineData("1e-2 s", 0.01, Dimension.Duration)]
    public void Numbers_and_units_are_read(string text, double value, Dimension dimension)
    {
        Assert.True(Quantity.TryParse(text, s_all, out var quantity, out string expectation), expectation);
        Assert.Equal(dimension, quantity.Dimension);
        Assert.Equal(value, quantity.Value, value * 1e-12);
    }

    [Theory]
    [InlineData("58", "unit is missing; accepted: ns, us, ms, s, min, h, or x")]
    [InlineData("58 Ms", "'Ms' is not a unit of this; accepted: ns, us, ms, s, min, h, or x; did you mean 'ms'?")]
    [InlineData("5 mJ", "'mJ' is not a unit of this")]
    [InlineData("fast", "expected a number and its unit, for example '10 ms' or '0.6x'")]
    [InlineData("-1 ms", "not negative")]
    [InlineData("1.2.3 ms", "expected a number")]
    [InlineData("", "expected a number")]
    [InlineData("1e999 s", "expected a number")]
    [InlineData("1 ms 2", "'ms 2' is not a unit")]
    public void What_cannot_be_read_says_what_was_expected(string text, string expected)
    {
        Assert.False(Quantity.TryParse(text, [Dimension.Duration, Dimension.Factor], out _, out string expectation));
        Assert.Contains(expected, expectation, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_printed_reads_back()
    {
        var quantities = from dimension in Gen.Elements(s_all)
                         from value in Gen.Choose(0, 1_000_000_000)
                         from scale in Gen.Elements(1e-9, 1e-6, 1e-3, 1, 1e3)
                         select new Quantity(value * scale, dimension);
        Check.QuickThrowOnFailure(Prop.ForAll(quantities.ToArbitrary(), q =>
            Quantity.TryParse(q.ToString(), [q.Dimension], out var back, out _) && Math.Abs(back.Value - q.Value) <= 1e-5 * q.Value));
    }
}
