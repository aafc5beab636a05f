namespace Haq.Benchmarks.Reproduction.Figures;

/// <summary>One policy of a method: what it costs, and how often it is right.</summary>
/// <param name="Cost">In any unit that all points share.</param>
/// <param name="Accuracy">Top-1 in percent.</param>
internal readonly record struct CostPoint(double Cost, double Accuracy);
