using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>A table that rows are looked up in: unsigned 8-bit integers with a scale and a zero of its own per column, or signed 4-bit integers with a scale per block of a row. Immutable.</summary>
public sealed class QuantizedTable
{
    /// <summary>Numbers of a row that share a scale in 4 bits.</summary>
    public const int Block = 32;

    private readonly byte[] _values;

    private QuantizedTable(FoundTable found, byte[] values, ImmutableArray<Quantizer> columns, ImmutableArray<float> scales) => (Found, _values, Columns, Scales) = (found, values, columns, scales);

    /// <summary>The table and where it is in the graph.</summary>
    public FoundTable Found { get; }

    /// <summary>The integers, row by row, a byte each; in 4 bits they are signed.</summary>
    public ReadOnlySpan<byte> Values => _values;

    /// <summary>In 8 bits, the grid of every column: from its least to its greatest value, zero among them. Empty in 4 bits.</summary>
    public ImmutableArray<Quantizer> Columns { get; }

    /// <summary>In 4 bits, the scale of every block, row by row. Empty in 8 bits.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>Its numbers are 4 bits wide, in blocks.</summary>
    public bool IsInBlocks => !Scales.IsEmpty;

    /// <summary>Quantizes the numbers of <paramref name="found"/>. Nothing is multiplied with a table, so the greatest error of a number counts: every column's grid spans all of it.</summary>
    /// <exception cref="ArgumentException">There are other than rows times width numbers.</exception>
    public static QuantizedTable Of(FoundTable found, ReadOnlySpan<float> numbers)
    {
        Check(found, numbers);
        var columns = ImmutableArray.CreateBuilder<Quantizer>(found.Width);
        var bytes = new byte[numbers.Length];
        for (int c = 0; c < found.Width; c++)
        {
            float low = 0, high = 0;
            for (int at = c; at < numbers.Length; at += found.Width) (low, high) = (Math.Min(low, numbers[at]), Math.Max(high, numbers[at]));
            var grid = Grid.Spanning(low, high, new IntegerRange(byte.MinValue, byte.MaxValue));
            for (int at = c; at < numbers.Length; at += found.Width) bytes[at] = (byte)grid.Quantize(numbers[at]);
            columns.Add(grid);
        }
        return new QuantizedTable(found, bytes, columns.MoveToImmutable(), []);
    }

    /// <summary>The table can be divided into blocks.</summary>
    public static bool HasBlocks(FoundTable found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return found.Width % Block == 0;
    }

    /// <summary>Quantizes the numbers of <paramref name="found"/> to 4 bits; each block of a row has the scale of least squared error.</summary>
    /// <exception cref="ArgumentException">There are other than rows times width numbers, or blocks do not divide a row.</exception>
    public static QuantizedTable InBlocks(FoundTable found, ReadOnlyMemory<float> numbers)
    {
        Check(found, numbers.Span);
        if (!HasBlocks(found)) throw new ArgumentException($"blocks of {Block} do not divide rows of {found.Width}", nameof(found));
        var rounded = WeightQuantizer.Quantize(numbers, new ChannelLayout(1, numbers.Length / Block, Block), new Bitwidth(4), WeightRange.Mse);
        byte[] values = new byte[numbers.Length];
        for (int i = 0; i < values.Length; i++) values[i] = unchecked((byte)(sbyte)rounded.Values[i]);
        return new QuantizedTable(found, values, [], rounded.Scales);
    }

    /// <summary>The numbers that the integers stand for, as ONNX Runtime computes them.</summary>
    public float[] Dequantize()
    {
        float[] numbers = new float[_values.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = IsInBlocks ? unchecked((sbyte)_values[i]) * Scales[i / Block] : (_values[i] - Columns[i % Found.Width].ZeroPoint) * Columns[i % Found.Width].Scale;
        return numbers;
    }

    private static void Check(FoundTable found, ReadOnlySpan<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (numbers.Length != found.Count) throw new ArgumentException($"{numbers.Length} numbers do not fill {found.Rows} rows of {found.Width}", nameof(numbers));
    }
}
