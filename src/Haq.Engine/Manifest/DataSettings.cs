using Haq.Engine.Data;

namespace Haq.Engine.Manifest;

/// <summary>The data sets; null where not given.</summary>
/// <param name="Calibration">What ranges are measured on; no labels needed.</param>
/// <param name="Search">What the search maximizes; absent, a seeded half of <paramref name="Evaluation"/>.</param>
/// <param name="Evaluation">What reports and gates quote.</param>
/// <param name="Training">What fine-tuning trains on.</param>
public sealed record DataSettings(DatasetOptions? Calibration, DatasetOptions? Search, DatasetOptions? Evaluation, DatasetOptions? Training);
