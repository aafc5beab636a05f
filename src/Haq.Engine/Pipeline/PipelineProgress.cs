namespace Haq.Engine.Pipeline;

/// <summary>Where a run is.</summary>
/// <param name="Stage">One of the pipeline's stages, for example <c>search</c>.</param>
/// <param name="Message">What is being done, for people.</param>
/// <param name="Fraction">Done of this stage, 0..1; null where that is not known.</param>
/// <param name="Remaining">An estimate of the time left in this stage; null where there is none.</param>
public sealed record PipelineProgress(string Stage, string Message, double? Fraction = null, TimeSpan? Remaining = null);
