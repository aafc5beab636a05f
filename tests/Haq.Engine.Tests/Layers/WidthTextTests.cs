using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Layers;

public sealed class WidthTextTests
{
    [Theory]
    [InlineData("2", 2)]
    [InlineData("8", 8)]
    [InlineData("16", 16)]
    [InlineData("32", 32)]
    [InlineData("float", 32)]
    public void Widths_are_2_to_8_and_16_bits_and_float(string text, int bits)
    {
        Assert.True(WidthText.TryParse(text, 2, out var width, out _));
        Assert.Equal(bits, width.Bits);
    }

    [Theory]
    [InlineData("1", "nearest is 2")]
    [InlineData("9", "nearest is 8")]
    [InlineData("11", "nearest is 8")]
    [InlineData("12", "nearest is 16")]
    [InlineData("15", "nearest is 16")]
    [InlineData("17", "nearest is 16")]
    [InlineData("23", "nearest is 16")]
    [InlineData("24", "nearest is float")]
    [InlineData("31", "nearest is float")]
    [InlineData("64", "widest is float")]
    [InlineData("Float", "2..8, 16 or float")]
    [InlineData("", "2..8, 16 or float")]
    public void Others_are_refused_with_the_nearest(string text, string expectation)
    {
        Assert.False(WidthText.TryParse(text, 2, out _, out string told));
        Assert.Contains(expectation, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w8a16", 8, 16)]
    [InlineData("w4a32", 4, 32)]
    [InlineData("w32a32", 32, 32)]
    [InlineData("float", 32, 32)]
    [InlineData("16", 16, 16)]
    public void Pairs_are_written_with_w_and_a(string text, int weights, int activations)
    {
        Assert.True(LayerBits.TryParse(text, out var bits));
        Assert.Equal(new LayerBits(weights, activations), bits);
    }

    [Theory]
    [InlineData("w32a8")]
    [InlineData("w8a12")]
    [InlineData("w8")]
    public void Pairs_that_nothing_computes_are_refused(string text) => Assert.False(LayerBits.TryParse(text, out _));
}
