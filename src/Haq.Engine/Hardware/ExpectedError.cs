using System.Collections.Immutable;
using System.Globalization;

namespace Haq.Engine.Hardware;

/// <summary>How far off a target's latency has to be expected, and how that is known.</summary>
/// <param name="Percent">Of the latency.</param>
/// <param name="Rows">Number of figures that it was held against.</param>
/// <param name="Of">What those are, for example <c>published rows</c>.</param>
public sealed record ExpectedError(double Percent, int Rows, string Of)
{
    private const int MostRows = 100_000_000;

    private static readonly ImmutableArray<HardwareKey> s_keys =
    [
        HardwareKey.Number("percent", "of the latency", 0, 10_000, "%"),
        HardwareKey.Integer("rows", "number of figures that it was held against", MostRows),
        HardwareKey.Text("of", "what those figures are"),
    ];

    internal static ExpectedError? Read(HardwareDocument file)
    {
        if (file.Section("expected_error", s_keys) is not { } section) return null;
        var error = new ExpectedError(section.Number("percent"), section.Integer("rows"), section.Text("of"));
        file.Remember("expected_error", error.ToString());
        return error;
    }

    /// <summary>For example <c>± 12 %, from 305 published rows</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"± {Percent:0.#} %, from {Rows} {Of}");
}
