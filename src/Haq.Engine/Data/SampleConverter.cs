using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Data;

/// <summary>Turns one stored sample into one row of an input: moves channels, computes (x / scale - mean) / std, changes the type. Safe for concurrent use.</summary>
internal sealed class SampleConverter
{
    private readonly SourceArray _array;
    private readonly InputFit _fit;
    private readonly DataType _type;
    private readonly int _inner, _channels;
    private readonly double _scale;
    private readonly double[] _mean, _std;
    private readonly float[][]? _table;
    private readonly int[]? _order;
    private readonly bool _isIdentity;

    /// <exception cref="HaqException">Per-channel values do not fit the channels, or the input's type cannot be fed (HAQ0103).</exception>
    public SampleConverter(SourceArray array, InputFit fit, PreprocessOptions options)
    {
        (_array, _fit, _type) = (array, fit, fit.Input.Type);
        if (!IsFeedable(_type))
            throw DiagnosticCatalog.DataShape.Error(array.File.At, $"input '{fit.Input.Name}' takes {ElementTypes.NameOf(_type)}, which data sets cannot feed; numbers and booleans can be fed.");
        _channels = fit.Row.IsEmpty ? 1 : fit.Row[fit.ChannelAxis];
        _inner = fit.Row.Skip(fit.ChannelAxis + 1).Aggregate(1, (product, extent) => product * extent);
        bool isReal = ElementTypes.IsReal(_type);
        (_scale, _mean, _std) = isReal ? (options.Scale, PerChannel(options.Mean, "mean"), PerChannel(options.Std, "std")) : (1, [0], [1]);
        _order = Order(fit, isReal && options.Color == ColorOrder.Bgr);
        _isIdentity = _scale == 1 && _mean.All(m => m == 0) && _std.All(s => s == 1);
        if (isReal && ElementKinds.BytesOf(array.Kind) == 1) _table = Table();
    }

    /// <summary>Bytes of one row.</summary>
    public int RowBytes => _array.Elements * ElementTypes.BitsOf(_type) / 8;

    /// <summary>Converts; <paramref name="sample"/> is the sample's number, for errors.</summary>
    /// <exception cref="HaqException">A value is not finite, or does not fit the input's integer type (HAQ0106).</exception>
    public void Convert(ReadOnlySpan<byte> source, Span<byte> row, int sample)
    {
        switch (_type)
        {
            case DataType.Float:
                ToFloats(source, MemoryMarshal.Cast<byte, float>(row), sample);
                break;
            case DataType.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(row);
                for (int i = 0; i < halves.Length; i++) halves[i] = (Half)Finite(source, i, sample);
                break;
            case DataType.Double:
                var doubles = MemoryMarshal.Cast<byte, double>(row);
                for (int i = 0; i < doubles.Length; i++) doubles[i] = Finite(source, i, sample);
                break;
            default:
                ToIntegers(source, row, sample);
                break;
        }
    }

    private void ToFloats(ReadOnlySpan<byte> source, Span<float> row, int sample)
    {
        if (_table is not null)
        {
            for (int i = 0; i < row.Length; i++) row[i] = _table[_table.Length == 1 ? 0 : i / _inner % _channels][source[From(i)]];
            return;
        }
        if (_array.Kind == ElementKind.Float32 && _isIdentity && _order is null)
        {
            MemoryMarshal.Cast<byte, float>(source)[..row.Length].CopyTo(row);
            for (int i = 0; i < row.Length; i++)
                if (!float.IsFinite(row[i])) throw NotFinite(row[i], i, sample);
            return;
        }
        for (int i = 0; i < row.Length; i++) row[i] = (float)Finite(source, i, sample);
    }

    // In double: a float sample is rounded once, at the end.
    private double Finite(ReadOnlySpan<byte> source, int i, int sample)
    {
        int from = From(i);
        double stored = ElementKinds.Real(_array.Kind, source, from);
        if (!double.IsFinite(stored)) throw NotFinite(stored, from, sample);
        return Preprocess(stored, _channels == 1 ? 0 : i / _inner % _channels);
    }

    private double Preprocess(double stored, int channel) =>
        (stored / _scale - _mean[_mean.Length == 1 ? 0 : channel]) / _std[_std.Length == 1 ? 0 : channel];

    private void ToIntegers(ReadOnlySpan<byte> source, Span<byte> row, int sample)
    {
        var (min, max) = _type == DataType.Bool ? (0, 1) : ElementTypes.IntegerRange(_type);
        int size = ElementTypes.BitsOf(_type) / 8;
        for (int i = 0; i * size < row.Length; i++)
        {
            int from = From(i);
            long value;
            if (ElementKinds.IsReal(_array.Kind))
            {
                double real = ElementKinds.Real(_array.Kind, source, from);
                value = real == Math.Truncate(real) && Math.Abs(real) < long.MaxValue ? (long)real : throw Misfit(real, from, sample);
            }
            else
            {
                value = ElementKinds.Integer(_array.Kind, source, from);
            }
            if (value < min || value > max) throw Misfit(value, from, sample);
            // Little-endian: the low bytes of a two's complement number are the same number in a narrower type.
            MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in value))[..size].CopyTo(row.Slice(i * size, size));
        }
    }

    private int From(int i) => _order is null ? i : _order[i];

    private double[] PerChannel(ImmutableArray<double> values, string name) => values.Length == 1 || values.Length == _channels
        ? [.. values]
        : throw DiagnosticCatalog.DataShape.Error(_array.File.At,
            $"'{name}' has {values.Length} values, but input '{_fit.Input.Name}' {DataErrors.Text(_fit.Input.Shape)} has {_channels} channels: give one value, or one per channel.");

    // Bytes have 256 values: everything is computed once.
    private float[][] Table()
    {
        int channels = _mean.Length == 1 && _std.Length == 1 ? 1 : _channels;
        float[][] table = new float[channels][];
        byte[] stored = [.. Enumerable.Range(0, 256).Select(v => (byte)v)];
        for (int c = 0; c < channels; c++)
        {
            table[c] = new float[256];
            for (int v = 0; v < 256; v++) table[c][v] = (float)Preprocess(ElementKinds.Real(_array.Kind, stored, v), c);
        }
        return table;
    }

    // For each element of the row, which stored element it is; null where that is the same one.
    private int[]? Order(InputFit fit, bool swapColors)
    {
        if (swapColors && _channels != 3)
            throw DiagnosticCatalog.DataShape.Error(_array.File.At, $"'color: bgr' swaps three channels, but input '{fit.Input.Name}' {DataErrors.Text(fit.Input.Shape)} has {_channels}.");
        if (fit.Move == ChannelMove.None && !swapColors) return null;
        int channelFirstAxis = fit.Move == ChannelMove.ToLast ? fit.Row[^1] : fit.Row[0];
        int positions = _array.Elements / Math.Max(1, channelFirstAxis);
        int[] order = new int[_array.Elements];
        for (int i = 0; i < order.Length; i++)
        {
            int j = i;
            if (swapColors)
            {
                int channel = i / _inner % 3;
                j = i + (2 - 2 * channel) * _inner;
            }
            order[i] = fit.Move switch
            {
                ChannelMove.ToFirst => j % positions * channelFirstAxis + j / positions,
                ChannelMove.ToLast => j % channelFirstAxis * positions + j / channelFirstAxis,
                _ => j,
            };
        }
        return order;
    }

    private static bool IsFeedable(DataType type) =>
        type is DataType.Float or DataType.Float16 or DataType.Double or DataType.Bool || (ElementTypes.IsInteger(type) && ElementTypes.BitsOf(type) >= 8);

    private HaqException NotFinite(double value, int element, int sample) => DiagnosticCatalog.DataValue.Error(_array.File.At,
        FormattableString.Invariant($"sample {sample} of '{_array.File.Text}' holds {value} at element {element}{Named()}: remove it, or mend the data."));

    private HaqException Misfit(double value, int element, int sample) => DiagnosticCatalog.DataValue.Error(_array.File.At,
        FormattableString.Invariant($"sample {sample} of '{_array.File.Text}' holds {value} at element {element}{Named()}, but input '{_fit.Input.Name}' takes {ElementTypes.NameOf(_type)}."));

    private string Named() => _array.Name.Length > 0 ? $" of array '{_array.Name}'" : "";
}
