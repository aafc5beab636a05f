using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Engine.Tests.Quantization;

public sealed class QuantizerTests
{
    [Theory]
    [InlineData(1, -1, 1)]
    [InlineData(2, -1, 1)]
    [InlineData(3, -3, 3)]
    [InlineData(4, -7, 7)]
    [InlineData(8, -127, 127)]
    [InlineData(16, -32767, 32767)]
    public void Weights_are_symmetric(int bits, int min, int max) => Assert.Equal(new IntegerRange(min, max), IntegerRange.Symmetric(new Bitwidth(bits)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 15)]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void Activations_are_unsigned(int bits, int max) => Assert.Equal(new IntegerRange(0, max), IntegerRange.Unsigned(new Bitwidth(bits)));

    [Fact]
    public void Wider_than_16_bits_is_not_an_integer()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => IntegerRange.Unsigned(new Bitwidth(17)));
        Assert.False(new Bitwidth(32).IsQuantized());
        Assert.True(new Bitwidth(16).IsQuantized());
    }

    // The cases of ONNX's backend test test_quantizelinear: scale 2, zero point 128.
    [Theory]
    [InlineData(0, 128)]
    [InlineData(2, 129)]
    [InlineData(3, 130)]
    [InlineData(1000, 255)]
    [InlineData(-254, 1)]
    [InlineData(-1000, 0)]
    public void Quantizes_as_onnx_does(float x, int expected) => Assert.Equal(expected, new Quantizer(2, 128, IntegerRange.Unsigned(new Bitwidth(8))).Quantize(x));

    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(-0.5f, 0)]
    [InlineData(-1.5f, -2)]
    public void Halves_go_to_even(float x, int expected) => Assert.Equal(expected, new Quantizer(1, 0, IntegerRange.Symmetric(new Bitwidth(4))).Quantize(x));

    [Fact]
    public void Within_the_range_the_error_is_at_most_half_a_step_and_rounding_again_changes_nothing() =>
        Prop.ForAll(Cases(), c =>
        {
            var (quantizer, x) = c;
            float y = quantizer.Round(x);
            bool inside = x >= quantizer.Lowest && x <= quantizer.Highest;
            bool near = !inside || Math.Abs((double)x - y) <= 0.5000001 * quantizer.Scale + Math.Abs(x) * 1e-6;
            return near && quantizer.Round(y) == y && y >= quantizer.Lowest && y <= quantizer.Highest;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_vector_form_is_the_scalar_form() =>
        Prop.ForAll(Cases(), c =>
        {
            var (quantizer, x) = c;
            float[] many = [.. Enumerable.Range(-20, 41).Select(i => x + i * quantizer.Scale * 0.31f)];
            float[] rounded = [.. many];
            quantizer.RoundAll(rounded);
            return many.Select(quantizer.Round).SequenceEqual(rounded);
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<(Quantizer, float)> Cases() =>
        (from bits in Gen.Choose(1, 16)
         from step in Gen.Choose(1, 100_000)
         from zero in Gen.Choose(0, (1 << bits) - 1)
         from value in Gen.Choose(-1_000_000, 1_000_000)
         let range = IntegerRange.Unsigned(new Bitwidth(bits))
         select (new Quantizer(step * 1.7e-5f, zero, range), value * step * 1.1e-8f * (1 << bits))).ToArbitrary();
}
