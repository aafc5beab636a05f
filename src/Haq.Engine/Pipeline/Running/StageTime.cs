namespace Haq.Engine.Pipeline.Running;

/// <summary>How long a stage took.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Elapsed">Wall clock, without the stages that it waited for.</param>
/// <param name="IsCached">Its result came from the cache.</param>
internal sealed record StageTime(string Stage, TimeSpan Elapsed, bool IsCached);
