namespace Haq.Engine.Pipeline;

/// <summary>One file that a run left.</summary>
/// <param name="Kind"><c>model</c>, <c>data</c> (a model's external data), <c>report</c>, <c>report-json</c> or <c>policy</c>.</param>
/// <param name="Path">Absolute.</param>
public sealed record PipelineOutput(string Kind, string Path);
