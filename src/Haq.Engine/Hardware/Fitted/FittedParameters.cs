using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>The few parameters of a fitted target. Times in seconds.</summary>
/// <param name="Rows">Sums run in whole multiples of this many terms.</param>
/// <param name="Cols">Output channels run in whole multiples of this many.</param>
/// <param name="ClockHertz">At which an array of so many rows and columns does what the fastest pair of widths does.</param>
/// <param name="Rates">By pair of widths: its share of the array's multiply-accumulates.</param>
/// <param name="DepthwiseRates">The same for depthwise layers, counted without filling up rows and columns.</param>
/// <param name="BytesPerSecond">Inputs and outputs, each moved once; null where no layer waits for them.</param>
/// <param name="ByteRates">By pair of widths: its share of that. Where integers are requantized, a byte takes longer than one of a real number.</param>
/// <param name="WeightBytesPerSecond">Weights, each moved once; null where no layer waits for them.</param>
/// <param name="Overheads">By pair of widths: seconds of each layer.</param>
/// <param name="RunSeconds">Of each run, on top of the first layer.</param>
/// <param name="ConvertOverheadSeconds">Of each change of width.</param>
/// <param name="ConvertsPerSecond">Numbers that change their width in a second; null where changes of width cost nothing.</param>
internal sealed record FittedParameters(
    int Rows, int Cols, double ClockHertz, ImmutableSortedDictionary<string, double> Rates, ImmutableSortedDictionary<string, double> DepthwiseRates, double? BytesPerSecond,
    ImmutableSortedDictionary<string, double> ByteRates, double? WeightBytesPerSecond, ImmutableSortedDictionary<string, double> Overheads, double RunSeconds, double ConvertOverheadSeconds,
        double? ConvertsPerSecond)
{
    private const int MostRows = 65_536;
    private const double Micro = 1e-6, Mega = 1e6;

    /// <summary>The greatest rate that a file gives.</summary>
    public const double MostPerSecond = 1e18;

    /// <summary>What the hardware file gives.</summary>
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        HardwareKey.Integer("rows", "sums run in whole multiples of this many terms", MostRows),
        HardwareKey.Integer("cols", "output channels run in whole multiples of this many", MostRows),
        // An array of 1 x 1 does in one element what a whole device does, so that its clock has not the limits of a real one.
        HardwareKey.Number("clock_mhz", "clock", 1e-9, 1e12, "MHz"),
        HardwareKey.Mapping("rates", "by pair of widths: its share of rows x cols multiply-accumulates a cycle, as in {w8a8: 1, w32a32: 0.3}", isOptional: false),
        HardwareKey.Mapping("depthwise_rates", "the same for depthwise layers; default: as rates"),
        HardwareKey.Number("bytes_per_second", "inputs and outputs, each moved once; absent: they cost nothing", 1, MostPerSecond, "B/s") with { IsOptional = true },
        HardwareKey.Mapping("byte_rates", "by pair of widths: its share of bytes_per_second, as in {w8a8: 0.3, w32a32: 1}; default: 1"),
        HardwareKey.Number("weight_bytes_per_second", "weights, each moved once; default: as bytes_per_second", 1, MostPerSecond, "B/s") with { IsOptional = true },
        HardwareKey.Number("overhead_us", "of each layer", 0, 1e9, "us", "0"),
        HardwareKey.Mapping("overheads_us", "of each layer by pair of widths, as in {w8a8: 5, w32a32: 2}; default: overhead_us"),
        HardwareKey.Number("run_us", "of each run", 0, 1e9, "us", "0"),
        HardwareKey.Number("convert_us", "of each change of width", 0, 1e9, "us", "0"),
        HardwareKey.Number("converts_per_second", "numbers that change their width in a second; absent: changes of width cost nothing", 1, MostPerSecond, "1/s") with { IsOptional = true },
        HardwareKey.Text("fitted", "what it was fitted to", optional: true),
    ];

    /// <summary>The pairs of widths.</summary>
    public SupportedBits Bits => new(Rates.Keys.Select(PairOf));

    public static FittedParameters Read(HardwareDocument file)
    {
        int rows = file.Integer("rows"), cols = file.Integer("cols");
        double clock = file.Number("clock_mhz") * Mega;
        var rates = Shares(file, "rates") ?? throw Diagnostics.DiagnosticCatalog.MissingKey.Error(file.Location, "the hardware file needs 'rates': a share of the array for each pair of widths.");
        var depthwise = Complete("depthwise_rates", 1e-12, _ => rates);
        double? bandwidth = Optional("bytes_per_second"), weights = Optional("weight_bytes_per_second") ?? bandwidth;
        double overhead = file.Number("overhead_us"), run = file.Number("run_us") * Micro, convert = file.Number("convert_us") * Micro;
        double? converts = Optional("converts_per_second");
        file.OptionalText("fitted");
        return new FittedParameters(rows, cols, clock, rates, depthwise, bandwidth, Complete("byte_rates", 1e-12, All(1)), weights, InSeconds(Complete("overheads_us", 0, All(overhead))), run,
            convert, converts);

        ImmutableSortedDictionary<string, double> Complete(string key, double least, Func<string, ImmutableSortedDictionary<string, double>> otherwise)
        {
            var read = Shares(file, key, least) ?? otherwise(key);
            return rates.Keys.FirstOrDefault(k => !read.ContainsKey(k)) is not { } missing ? read
                : throw Diagnostics.DiagnosticCatalog.MissingKey.Error(file.Find(key)!.Location, $"'{key}' has no {missing}, which 'rates' has. Add it.");
        }

        Func<string, ImmutableSortedDictionary<string, double>> All(double value) => _ => rates.ToImmutableSortedDictionary(r => r.Key, _ => value, StringComparer.Ordinal);

        double? Optional(string key) => file.Find(key) is null ? null : file.Number(key);
    }

    /// <summary>A pair from its name.</summary>
    public static LayerBits PairOf(string pair) => LayerBits.TryParse(pair, out var bits) ? bits : throw new ArgumentException($"'{pair}' is no pair of widths", nameof(pair));

    private static ImmutableSortedDictionary<string, double> InSeconds(ImmutableSortedDictionary<string, double> micros) =>
        micros.ToImmutableSortedDictionary(m => m.Key, m => m.Value * Micro, StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, double>? Shares(HardwareDocument file, string name, double least = 1e-12)
    {
        if (file.Find(name) is not { } value) return null;
        var shares = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (key, at, share) in value.AsMapping().Entries)
        {
            if (!LayerBits.TryParse(key, out var pair)) throw Diagnostics.DiagnosticCatalog.InvalidValue.Error(at, $"'{key}' is not a pair of widths: expected one as in w4a8.");
            shares[pair.ToString()] = share.AsNumber(least, 1e9);
        }
        if (shares.Count == 0) throw Diagnostics.DiagnosticCatalog.InvalidValue.Error(value.Location, $"'{name}' is empty: expected a share for each pair of widths.");
        file.Remember(name, string.Join(", ", shares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key}: {s.Value:0.####}"))));
        return shares.ToImmutable();
    }
}
