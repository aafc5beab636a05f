using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Tests.Onnx;

/// <summary>Many numbers lie in a file, few in memory.</summary>
public sealed class MappedNumbersTests
{
    [Theory]
    [InlineData(1000, false)]
    [InlineData(1 << 20, true)]
    public void They_are_what_they_were(int count, bool isInFile)
    {
        short[] numbers = [.. Enumerable.Range(0, count).Select(i => (short)(i * 31))];
        var mapped = MappedNumbers<short>.Of(numbers);
        Assert.Equal(isInFile, mapped.IsInFile);
        MappedBytes.Release();
        Assert.True(mapped.Span.SequenceEqual(numbers));
    }

    [Fact]
    public void Weights_in_a_file_stand_for_the_same_values()
    {
        const int Channels = 64, Each = 1 << 14;
        short[] integers = [.. Enumerable.Range(0, Channels * Each).Select(i => (short)(i % 255 - 127))];
        ImmutableArray<float> scales = [.. Enumerable.Range(1, Channels).Select(c => c / 64f)];
        var weights = new QuantizedWeights(integers, scales, new ChannelLayout(1, Channels, Each), new Bitwidth(8));
        float[] values = new float[integers.Length];
        weights.Dequantize(values);
        Assert.All(new[] { 0, 5, Each, integers.Length - 1 }, i => Assert.Equal(integers[i] * scales[i / Each], values[i]));
        Assert.True(weights.Values.SequenceEqual(integers));
    }

    [Fact]
    public void Importance_is_the_diagonal_in_the_weights_order()
    {
        const int Size = 9;
        var moment = new SecondMoment(Size);
        var random = new SeededRandom(3);
        for (int v = 0; v < 64; v++) moment.Add([.. Enumerable.Range(0, Size).Select(i => (float)(random.NextDouble() * (1 + i * 4 % 7)))]);
        double[] matrix = moment.Matrix(centred: false);
        double mean = Enumerable.Range(0, Size).Average(i => matrix[i * Size + i]);
        float[] importance = SecondOrderRounding.Of(moment, centred: false)!.Importance();
        for (int i = 0; i < Size; i++) Assert.Equal(matrix[i * Size + i] + 0.01 * mean, importance[i], 4);
    }
}
