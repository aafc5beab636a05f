using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Layers;

public sealed class PolicyTests
{
    [Fact]
    public void Default_width_is_eight_bits() => Assert.Equal(8, default(Bitwidth).Bits);

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void Widths_outside_1_to_32_are_refused(int bits) => Assert.Throws<ArgumentOutOfRangeException>(() => new Bitwidth(bits));

    [Theory]
    [InlineData("8", 8, 8)]
    [InlineData("w4a8", 4, 8)]
    [InlineData("w1a32", 1, 32)]
    public void Bits_parse(string text, int weights, int activations)
    {
        Assert.True(LayerBits.TryParse(text, out var bits));
        Assert.Equal(new LayerBits(weights, activations), bits);
    }

    [Theory]
    [InlineData("")]
    [InlineData("w4")]
    [InlineData("a4w4")]
    [InlineData("w0a4")]
    [InlineData("w4a4x")]
    [InlineData("-4")]
    public void Nonsense_bits_do_not_parse(string text) => Assert.False(LayerBits.TryParse(text, out _));

    [Fact]
    public void Policies_are_equal_by_content_and_With_leaves_the_original_alone()
    {
        var eight = Policy.Uniform(3, new LayerBits(8, 8));
        var changed = eight.With(1, new LayerBits(4, 6));
        Assert.Equal(Policy.Uniform(3, new LayerBits(8, 8)), eight);
        Assert.NotEqual(eight, changed);
        Assert.NotEqual(eight.Digest, changed.Digest);
        Assert.Equal(eight, changed.With(1, new LayerBits(8, 8)));
    }

    [Fact]
    public void Macs_count_groups_and_refuse_overflow()
    {
        Assert.Equal(112L * 112 * 9 * 32, LayerShape.Conv2D(32, 32, 3, 1, 112, 112, groups: 32).Macs);
        Assert.Equal(1280L * 1000, LayerShape.Dense(1280, 1000).Macs);
        Assert.Throws<ArgumentException>(() => LayerShape.Conv2D(1 << 30, 1 << 30, 1 << 10, 1, 1 << 10, 1 << 10));
        Assert.Throws<ArgumentException>(() => LayerShape.Conv2D(6, 4, 3, 1, 8, 8, groups: 4));
    }
}
