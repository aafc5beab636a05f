namespace Haq.Engine.Reporting.Checks;

/// <summary>How much worse than its baseline a model may be before that is a regression.</summary>
/// <param name="CostShare">Of latency, energy and size, as a share of the baseline's: 0.01 is one percent.</param>
/// <param name="AccuracyPoints">Percentage points. Half a point is about what two policies of one quality differ by on a thousand images.</param>
public sealed record BaselineTolerance(double CostShare = 0.01, double AccuracyPoints = 0.5);
