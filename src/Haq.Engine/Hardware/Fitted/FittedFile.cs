using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>Writes the hardware file of a fit.</summary>
public static class FittedFile
{
    /// <summary>The file's text.</summary>
    /// <param name="name">The target's name.</param>
    /// <param name="fit">What was found.</param>
    /// <param name="source">What it was fitted to.</param>
    public static string Write(string name, FittedTarget fit, string source)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var p = fit.Parameters;
        var text = new StringBuilder();
        Line($"name: {Quoted(name)}");
        Line("kind: fitted");
        Line($"batch: {fit.Batch}");
        Line($"rows: {p.Rows}");
        Line($"cols: {p.Cols}");
        Line($"clock_mhz: {Number(p.ClockHertz * 1e-6)}");
        Line($"rates: {Shares(p.Rates)}");
        Line($"depthwise_rates: {Shares(p.DepthwiseRates)}");
        if (p.BytesPerSecond is { } bandwidth) Line($"bytes_per_second: {Number(bandwidth)}");
        // Without a rate of their own, weights would be moved at that of activations.
        if (p.WeightBytesPerSecond is { } || p.BytesPerSecond is { }) Line($"weight_bytes_per_second: {Number(p.WeightBytesPerSecond ?? FittedParameters.MostPerSecond)}");
        if (p.ByteRates.Values.Any(r => r != 1)) Line($"byte_rates: {Shares(p.ByteRates)}");
        if (p.Overheads.Values.Distinct().Count() == 1) Line($"overhead_us: {Number(p.Overheads.Values.First() * 1e6)}");
        else Line($"overheads_us: {Shares(p.Overheads.ToImmutableSortedDictionary(o => o.Key, o => o.Value * 1e6, StringComparer.Ordinal))}");
        Line($"run_us: {Number(p.RunSeconds * 1e6)}");
        if (p.ConvertsPerSecond is { } converts)
        {
            Line($"convert_us: {Number(p.ConvertOverheadSeconds * 1e6)}");
            Line($"converts_per_second: {Number(converts)}");
        }
        Line(string.Create(CultureInfo.InvariantCulture, $"expected_error: {{percent: {fit.MedianError * 100:0.##}, rows: {fit.Rows}, of: \"measured layers that the fit had not seen\"}}"));
        Line($"fitted: {Quoted(source)}");
        string provenance = string.Create(CultureInfo.InvariantCulture,
            $"haq hardware fit: {fit.Rows} times of {fit.Shapes} different layers ({source}); on layers that the fit had not seen off by {fit.MedianError * 100:0.#} % in the median and {fit.WideError * 100:0.#} % in nine of ten (one time for all: {fit.ConstantError * 100:0.#} %), rank correlation {fit.RankCorrelation:0.000}");
        Line($"provenance: {Quoted(provenance)}");
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    private static string Shares(ImmutableSortedDictionary<string, double> shares) => $"{{{string.Join(", ", shares.Select(s => $"{s.Key}: {Number(s.Value)}"))}}}";

    // Seven digits, without an exponent where that is no longer.
    private static string Number(double value)
    {
        string text = value.ToString("0.######E+0", CultureInfo.InvariantCulture);
        return double.Parse(text, CultureInfo.InvariantCulture) is (0 or (>= 1e-4 and < 1e9)) and var plain ? plain.ToString("0.##########", CultureInfo.InvariantCulture) : text;
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ")}\"";
}
