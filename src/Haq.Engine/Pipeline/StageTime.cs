namespace Haq.Engine.Pipeline;

/// <summary>How long a stage took.</summary>
internal sealed record StageTime(string Stage, TimeSpan Elapsed);
