using System.Collections.Concurrent;
using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Quantization.Rounding;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>What calibration saw of each activation tensor, and the quantizers that follow from it. Safe for concurrent use; its memory does not depend on the number of samples.</summary>
public sealed class CalibrationTable
{
    private const int Magic = 0x33544351; // "QCT3"

    private static readonly Comparer<(string Tensor, int Bits)> s_order = Comparer<(string Tensor, int Bits)>.Create(
        (a, b) => string.CompareOrdinal(a.Tensor, b.Tensor) is var tensors && tensors != 0 ? tensors : a.Bits.CompareTo(b.Bits));

    private readonly ImmutableSortedDictionary<string, StreamedHistogram> _histograms;
    private readonly ImmutableSortedDictionary<(string Tensor, int Bits), RangeMethod> _methods;
    private readonly ImmutableSortedDictionary<string, ImmutableArray<SecondMoment>> _moments;
    private readonly ConcurrentDictionary<(string, Bitwidth), Quantizer> _quantizers = new();

    /// <summary>A table of the given distributions.</summary>
    /// <param name="histograms">By tensor.</param>
    /// <param name="samples">Number of samples seen.</param>
    /// <param name="method">How ranges are chosen…</param>
    /// <param name="methods">…but for these tensors at these widths.</param>
    /// <param name="moments">By layer, one for each of its groups; may lack layers.</param>
    /// <param name="percentile">What <see cref="RangeMethod.Percentile"/> keeps, in percent.</param>
    public CalibrationTable(
        IReadOnlyDictionary<string, StreamedHistogram> histograms, int samples, RangeMethod method = RangeMethod.Mse,
        IReadOnlyDictionary<(string Tensor, int Bits), RangeMethod>? methods = null, IReadOnlyDictionary<string, ImmutableArray<SecondMoment>>? moments = null,
        double percentile = RangeEstimator.UsualPercentile)
    {
        ArgumentNullException.ThrowIfNull(histograms);
        _histograms = histograms.ToImmutableSortedDictionary(StringComparer.Ordinal);
        _methods = methods?.ToImmutableSortedDictionary(s_order) ?? ImmutableSortedDictionary.Create<(string Tensor, int Bits), RangeMethod>(s_order);
        _moments = moments?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary<string, ImmutableArray<SecondMoment>>.Empty;
        (Samples, Method, Percentile) = (samples, method, percentile);
    }

    /// <summary>The tensors, in ordinal order.</summary>
    public IEnumerable<string> Tensors => _histograms.Keys;

    /// <summary>Number of samples seen.</summary>
    public int Samples { get; }

    /// <summary>How ranges are chosen unless said otherwise for a tensor.</summary>
    public RangeMethod Method { get; }

    /// <summary>What <see cref="RangeMethod.Percentile"/> keeps, in percent.</summary>
    public double Percentile { get; }

    /// <summary>What the grids look like.</summary>
    public GridForm Form { get; private init; }

    /// <summary>The same observations and choices with grids of another form.</summary>
    public CalibrationTable InForm(GridForm form) => new(_histograms, Samples, Method, _methods, _moments, Percentile) { Form = form };

    /// <summary>How many tensors at how many widths have a way of their own to choose the range.</summary>
    public int Chosen => _methods.Count;

    /// <summary>How a tensor's range is chosen at a width.</summary>
    public RangeMethod MethodOf(string tensor, Bitwidth bits) => _methods.GetValueOrDefault((tensor, bits.Bits), Method);

    /// <summary>The distribution of a tensor.</summary>
    /// <exception cref="KeyNotFoundException">It was not calibrated.</exception>
    public StreamedHistogram HistogramOf(string tensor) => _histograms[tensor];

    /// <summary>The second moments of what a layer multiplies with its weights, one for each of its groups; empty where they were not gathered.</summary>
    public ImmutableArray<SecondMoment> MomentsOf(string layer) => _moments.GetValueOrDefault(layer, []);

    /// <summary>The quantizer of a tensor at a width. The same tensor and width give the same quantizer.</summary>
    /// <exception cref="KeyNotFoundException">The tensor was not calibrated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public Quantizer For(string tensor, Bitwidth bits) =>
        _quantizers.GetOrAdd((tensor, bits), key => Estimate(key.Item1, key.Item2));

    private Quantizer Estimate(string tensor, Bitwidth bits)
    {
        var (histogram, method) = (_histograms[tensor], MethodOf(tensor, bits));
        var usual = RangeEstimator.Estimate(histogram, bits, method, Percentile);
        return Form.IsUsual ? usual : FormedRange.Of(histogram, bits, usual, method, Form);
    }

    /// <summary>The same observations with other ways to choose ranges.</summary>
    public CalibrationTable With(
        RangeMethod method, double percentile = RangeEstimator.UsualPercentile, IReadOnlyDictionary<(string Tensor, int Bits), RangeMethod>? methods = null) =>
        new(_histograms, Samples, method, methods, _moments, percentile) { Form = Form };

    /// <summary>The same observations and choices without second moments: weights are rounded to the nearest, and biases stay.</summary>
    public CalibrationTable WithoutMoments() => new(_histograms, Samples, Method, _methods, null, Percentile) { Form = Form };

    /// <summary>Writes the table; <see cref="Read"/> gives it back.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Samples);
        writer.Write((byte)Method);
        writer.Write(Percentile);
        writer.Write(_methods.Count);
        foreach (var ((tensor, bits), method) in _methods)
        {
            writer.Write(tensor);
            writer.Write((byte)bits);
            writer.Write((byte)method);
        }
        writer.Write(_histograms.Count);
        foreach (var (tensor, histogram) in _histograms)
        {
            writer.Write(tensor);
            histogram.Write(writer);
        }
        writer.Write(_moments.Count);
        foreach (var (layer, groups) in _moments)
        {
            writer.Write(layer);
            writer.Write(groups.Length);
            foreach (var moment in groups) moment.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Something else is there.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static CalibrationTable Read(Stream stream)
    {
        try
        {
            return ReadAll(stream);
        }
        catch (Exception e) when (e is FormatException or IOException and not EndOfStreamException)
        {
            throw new InvalidDataException("not a calibration table", e);
        }
    }

    private static CalibrationTable ReadAll(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() != Magic) throw new InvalidDataException("not a calibration table");
        int samples = reader.ReadInt32();
        var method = (RangeMethod)reader.ReadByte();
        double percentile = reader.ReadDouble();
        var methods = new Dictionary<(string Tensor, int Bits), RangeMethod>();
        for (int n = reader.ReadInt32(); n > 0; n--) methods[(reader.ReadString(), reader.ReadByte())] = (RangeMethod)reader.ReadByte();
        var histograms = new Dictionary<string, StreamedHistogram>(StringComparer.Ordinal);
        for (int n = reader.ReadInt32(); n > 0; n--) histograms[reader.ReadString()] = StreamedHistogram.Read(reader);
        var moments = new Dictionary<string, ImmutableArray<SecondMoment>>(StringComparer.Ordinal);
        for (int n = reader.ReadInt32(); n > 0; n--)
        {
            string layer = reader.ReadString();
            var groups = ImmutableArray.CreateBuilder<SecondMoment>();
            for (int g = reader.ReadInt32(); g > 0; g--) groups.Add(SecondMoment.Read(reader));
            moments[layer] = groups.DrainToImmutable();
        }
        return new CalibrationTable(histograms, samples, method, methods, moments, percentile);
    }
}
