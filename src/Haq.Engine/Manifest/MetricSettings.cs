using Haq.Engine.Diagnostics;
using Haq.Engine.Search;

namespace Haq.Engine.Manifest;

/// <summary>What is measured, and on which output.</summary>
/// <param name="Kind">Null chooses: top1 with labels, agreement without.</param>
/// <param name="Output">The model's output, or null for the first.</param>
/// <param name="At">Where it is written; null for the default.</param>
public sealed record MetricSettings(Quality? Kind, string? Output, SourceLocation? At);
