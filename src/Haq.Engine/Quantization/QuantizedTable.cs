using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Quantization;

/// <summary>A table that rows are looked up in, as unsigned 8-bit integers with a step and a zero of its own per column. Immutable.</summary>
public sealed class QuantizedTable
{
    private readonly byte[] _values;

    private QuantizedTable(FoundTable found, byte[] values, ImmutableArray<Quantizer> columns) => (Found, _values, Columns) = (found, values, columns);

    /// <summary>The table and where it is in the graph.</summary>
    public FoundTable Found { get; }

    /// <summary>The integers, row by row.</summary>
    public ReadOnlySpan<byte> Values => _values;

    /// <summary>The grid of every column: from its least to its greatest value, zero among them.</summary>
    public ImmutableArray<Quantizer> Columns { get; }

    /// <summary>Quantizes the numbers of <paramref name="found"/>. Nothing is multiplied with a table, so the greatest error of a number counts: every column's grid spans all of it.</summary>
    /// <exception cref="ArgumentException">There are other than rows times width numbers.</exception>
    public static QuantizedTable Of(FoundTable found, ReadOnlySpan<float> numbers)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (numbers.Length != found.Count) throw new ArgumentException($"{numbers.Length} numbers do not fill {found.Rows} rows of {found.Width}", nameof(numbers));
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
        return new QuantizedTable(found, bytes, columns.MoveToImmutable());
    }

    /// <summary>The numbers that the integers stand for, as DequantizeLinear computes them.</summary>
    public float[] Dequantize()
    {
        float[] numbers = new float[_values.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            var grid = Columns[i % Found.Width];
            numbers[i] = (_values[i] - grid.ZeroPoint) * grid.Scale;
        }
        return numbers;
    }
}
