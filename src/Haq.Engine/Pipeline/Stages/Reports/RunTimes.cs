namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>How long runs of a model took.</summary>
/// <param name="Median">Milliseconds per sample.</param>
/// <param name="Spread">Half the distance between the quartiles, in milliseconds per sample.</param>
/// <param name="Rows">Samples per run.</param>
/// <param name="Count">Number of runs.</param>
internal readonly record struct RunTimes(double Median, double Spread, int Rows, int Count);
