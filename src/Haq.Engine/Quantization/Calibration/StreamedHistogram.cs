using System.Numerics;
using System.Runtime.InteropServices;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>
/// The distribution of one tensor's values, gathered batch by batch in fixed memory (256 KiB). The bins are as wide as a power of two and are centred on zero;
/// a value outside doubles their width, which merges neighbours exactly, so the order of the batches does not change the bins.
/// Every bin also keeps its values' sum: a constant background, alone in its bin, is known exactly. Not safe for concurrent use.
/// </summary>
public sealed class StreamedHistogram
{
    private const int Half = 8192;
    private const int NarrowestExponent = -120;
    private const int Magic = 0x31474851; // "QHG1"

    private readonly Bin[] _bins = new Bin[2 * Half];
    private int _exponent = NarrowestExponent;

    /// <summary>Number of finite values.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them are exactly zero.</summary>
    public long Zeros { get; private set; }

    /// <summary>How many values were infinite or not a number; they are not in any bin.</summary>
    public long NonFinite { get; private set; }

    /// <summary>The least value, 0 when empty.</summary>
    public float Min { get; private set; }

    /// <summary>The greatest value, 0 when empty.</summary>
    public float Max { get; private set; }

    /// <summary>The sum of all values.</summary>
    public double Sum { get; private set; }

    /// <summary>The sum of all values squared.</summary>
    public double SumOfSquares { get; private set; }

    /// <summary>The bins' width: a power of two, at least 1/16384 of the greatest magnitude.</summary>
    public double BinWidth => Math.ScaleB(1, _exponent);

    /// <summary>Adds <paramref name="values"/>.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) return;
        var (min, max, allFinite) = Extent(values);
        if (!allFinite)
        {
            AddFinite(values);
            return;
        }
        (Min, Max) = Count == 0 ? (min, max) : (Math.Min(Min, min), Math.Max(Max, max));
        GrowTo(Math.Max(-min, max));
        float perBin = (float)Math.ScaleB(1, -_exponent);
        var bins = _bins.AsSpan();
        double sum = 0, squares = 0;
        long zeros = 0;
        foreach (float x in values)
        {
            if (x == 0)
            {
                zeros++;
                continue;
            }
            ref var bin = ref bins[(int)MathF.Floor(x * perBin) + Half];
            bin.Count++;
            bin.Sum += x;
            sum += x;
            squares += (double)x * x;
        }
        bins[Half].Count += zeros;
        Zeros += zeros;
        Sum += sum;
        SumOfSquares += squares;
        Count += values.Length;
    }

    /// <summary>The bins that hold something besides exact zeros, ascending: mean value and number of values.</summary>
    public IReadOnlyList<(float Value, long Count)> Points()
    {
        var points = new List<(float, long)>();
        for (int i = 0; i < _bins.Length; i++)
        {
            long count = i == Half ? _bins[i].Count - Zeros : _bins[i].Count;
            if (count > 0) points.Add(((float)(_bins[i].Sum / count), count));
        }
        return points;
    }

    /// <summary>The value below which <paramref name="share"/> (0..1) of all values lie, to within a bin.</summary>
    public float Percentile(double share)
    {
        double target = share * Count, seen = 0;
        for (int i = 0; i < _bins.Length; i++)
        {
            seen += _bins[i].Count;
            if (seen >= target && _bins[i].Count > 0) return (float)Math.Clamp(Math.ScaleB(i - Half + 1.0, _exponent), Min, Max);
        }
        return Max;
    }

    /// <summary>Writes everything; <see cref="Read"/> gives back the same histogram.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Magic);
        writer.Write(_exponent);
        writer.Write(Count);
        writer.Write(Zeros);
        writer.Write(NonFinite);
        writer.Write(Min);
        writer.Write(Max);
        writer.Write(Sum);
        writer.Write(SumOfSquares);
        writer.Write(_bins.Count(b => b.Count > 0));
        for (int i = 0; i < _bins.Length; i++)
        {
            if (_bins[i].Count == 0) continue;
            writer.Write((ushort)i);
            writer.Write(_bins[i].Count);
            writer.Write(_bins[i].Sum);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Something else is there.</exception>
    public static StreamedHistogram Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.ReadInt32() != Magic) throw new InvalidDataException("not a histogram");
        var h = new StreamedHistogram
        {
            _exponent = reader.ReadInt32(),
            Count = reader.ReadInt64(),
            Zeros = reader.ReadInt64(),
            NonFinite = reader.ReadInt64(),
            Min = reader.ReadSingle(),
            Max = reader.ReadSingle(),
            Sum = reader.ReadDouble(),
            SumOfSquares = reader.ReadDouble(),
        };
        int filled = reader.ReadInt32();
        for (int i = 0; i < filled; i++)
        {
            int bin = reader.ReadUInt16();
            if (bin >= 2 * Half) throw new InvalidDataException("not a histogram");
            h._bins[bin] = new Bin { Count = reader.ReadInt64(), Sum = reader.ReadDouble() };
        }
        return h;
    }

    private void AddFinite(ReadOnlySpan<float> values)
    {
        float[] finite = new float[values.Length];
        int n = 0;
        foreach (float x in values)
            if (float.IsFinite(x)) finite[n++] = x;
        NonFinite += values.Length - n;
        Add(finite.AsSpan(0, n));
    }

    private void GrowTo(float magnitude)
    {
        int needed = _exponent;
        while (magnitude >= Math.ScaleB(Half, needed)) needed++;
        int shift = needed - _exponent;
        if (shift == 0) return;
        _exponent = needed;
        if (Count == 0) return;
        // Inward from zero on both sides: a bin's new place was always read before.
        for (int i = 0; i < Half; i++) Move(Half + i, Half + (shift > 30 ? 0 : i >> shift));
        for (int i = -1; i >= -Half; i--) Move(Half + i, Half + (shift > 30 ? -1 : i >> shift));
    }

    private void Move(int from, int to)
    {
        if (from == to) return;
        _bins[to].Count += _bins[from].Count;
        _bins[to].Sum += _bins[from].Sum;
        _bins[from] = default;
    }

    private static (float Min, float Max, bool AllFinite) Extent(ReadOnlySpan<float> values)
    {
        float min = values[0], max = values[0];
        float poison = 0; // stays 0 only while every value is finite: 0 · inf and 0 · nan are nan
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        if (vectors.Length > 0)
        {
            Vector<float> low = vectors[0], high = vectors[0], nans = Vector<float>.Zero;
            foreach (var v in vectors)
            {
                low = Vector.Min(low, v);
                high = Vector.Max(high, v);
                nans += v * 0f;
            }
            for (int i = 0; i < Vector<float>.Count; i++)
            {
                min = Math.Min(min, low[i]);
                max = Math.Max(max, high[i]);
                poison += nans[i];
            }
        }
        foreach (float x in values[(vectors.Length * Vector<float>.Count)..])
        {
            min = Math.Min(min, x);
            max = Math.Max(max, x);
            poison += x * 0f;
        }
        return (min, max, poison == 0);
    }

    private struct Bin
    {
        public long Count;
        public double Sum;
    }
}
