namespace Haq.Engine.Reporting.Matrix;

/// <summary>A column of the summary: the same in the page and in Markdown.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Text">What a cell says.</param>
/// <param name="Order">What it sorts by; null where that is its text.</param>
/// <param name="Hint">What the heading means, where it does not say that itself.</param>
internal sealed record MatrixColumn(string Title, Func<MatrixCellFacts, string> Text, Func<MatrixCellFacts, double?>? Order = null, string? Hint = null)
{
    private static readonly MatrixColumn[] s_always =
    [
        new("State", c => MatrixStates.Words(c.State)),
        new("Metric", c => AccuracyMetric.Named(c.Metric)?.Title ?? Figure.Unknown),
        new("Float", c => AccuracyText(c, c.Float), c => AccuracyOf(c, c.Float)),
        new("Quantized", c => AccuracyText(c, c.Delivered), c => AccuracyOf(c, c.Delivered), "On samples that no choice was made on"),
        new("Points", Points, c => c.AccuracyVsFloat, "Against float, ± one standard error of the difference"),
        new("Latency", c => Figure.Time(c.LatencyMs), c => c.LatencyMs),
    ];

    private static readonly MatrixColumn[] s_others =
    [
        new("of budget", c => Figure.Share(c.LatencyMs / c.Budget?.LatencyMs), c => c.LatencyMs / c.Budget?.LatencyMs),
        new("Energy", c => Figure.Energy(c.EnergyMj), c => c.EnergyMj),
        new("of budget", c => Figure.Share(c.EnergyMj / c.Budget?.EnergyMj), c => c.EnergyMj / c.Budget?.EnergyMj),
        new("Parameters", c => Figure.Bytes(c.SizeBytes), c => c.SizeBytes, "As the target stores them"),
        new("of budget", c => Figure.Share(c.SizeBytes / c.Budget?.SizeBytes), c => c.SizeBytes / c.Budget?.SizeBytes),
        new("File", c => Figure.Bytes(c.FileBytes), c => c.FileBytes),
        new("of float", c => Figure.Share(c.FileBytes / c.FloatFileBytes), c => c.FileBytes / c.FloatFileBytes),
        new("Time of float's", c => Figure.Share(c.TimeVsFloat), c => c.TimeVsFloat, "In ONNX Runtime on the machine that built, of targets that are measured there"),
        new("Warnings", c => Figure.Count(c.Warnings.Length), c => c.Warnings.Length),
    ];

    /// <summary>Those that say anything of these cells, behind manifest and target.</summary>
    public static IReadOnlyList<MatrixColumn> Of(MatrixReport report) =>
        [.. s_always, .. s_others.Where(column => report.Cells.Any(cell => column.Text(cell) != Figure.Unknown))];

    /// <summary>The accuracy in the cell's metric.</summary>
    public static string AccuracyText(MatrixCellFacts cell, Facts.AccuracyFacts? accuracy) =>
        cell.Metric == "cosine" ? Figure.Cosine(accuracy?.Cosine) : Figure.Percent(AccuracyOf(cell, accuracy));

    private static double? AccuracyOf(MatrixCellFacts cell, Facts.AccuracyFacts? accuracy) => accuracy is null ? null : AccuracyMetric.Named(cell.Metric)?.Of(accuracy);

    private static string Points(MatrixCellFacts cell)
    {
        string points = Figure.Points(cell.AccuracyVsFloat);
        return cell is { AccuracyVsFloat: not null, AccuracyStandardError: { } error } ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{points} ± {error:0.00}") : points;
    }
}
