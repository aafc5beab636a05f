using System.Globalization;

namespace Haq.Benchmarks.Steps.Figures;

/// <summary>What was measured of one step. A measurement by somebody else may have nothing but the ratio.</summary>
/// <param name="Step">The network's name.</param>
/// <param name="Ratio">The engine's time by PyTorch's: the median over the rounds of each round's ratio.</param>
internal sealed record StepFigure(string Step, double? Ratio)
{
    /// <summary>The smallest ratio of a round.</summary>
    public double? LeastRatio { get; init; }

    /// <summary>The greatest.</summary>
    public double? GreatestRatio { get; init; }

    /// <summary>With the engine's kernels.</summary>
    public StepTimes? Engine { get; init; }

    /// <summary>PyTorch, the faster of its memory layouts.</summary>
    public StepTimes? PyTorch { get; init; }

    /// <summary>An earlier engine, measured in the same rounds.</summary>
    public StepTimes? Before { get; init; }

    /// <summary>A row of the page's table of this processor.</summary>
    public string Row()
    {
        string Times(StepTimes? t) => t is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{t.Median:0.0} ({t.Fastest:0.0})");
        string Quotient(double? a, double? b) => a is { } x && b is { } y ? (x / y).ToString("0.00", CultureInfo.InvariantCulture) : "";
        string spread = LeastRatio is { } least && GreatestRatio is { } greatest ? string.Create(CultureInfo.InvariantCulture, $" ({least:0.00} .. {greatest:0.00})") : "";
        string ratio = Ratio is { } r ? r.ToString("0.00", CultureInfo.InvariantCulture) + spread : "";
        return $"| {Step} | {Times(PyTorch)} | {Times(Before)} | {Times(Engine)} | {ratio} | {Quotient(Engine?.Fastest, PyTorch?.Fastest)} | {Quotient(Engine?.Fastest, Before?.Fastest)} |";
    }
}
