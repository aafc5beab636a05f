using Haq.Engine.Data.Shards;

namespace Haq.Engine.Data;

/// <summary>The data sets as the manifest names them; null where not given.</summary>
/// <param name="Calibration">What ranges are measured on; no labels needed.</param>
/// <param name="Search">What the search maximizes.</param>
/// <param name="Evaluation">What reports and gates quote.</param>
/// <param name="Training">What fine-tuning trains on.</param>
public sealed record DatasetSources(DatasetOptions? Calibration, DatasetOptions? Search, DatasetOptions? Evaluation, DatasetOptions? Training)
{
    /// <summary>Every file and folder that is read, each once; of a list of shards, it and them.</summary>
    /// <exception cref="Diagnostics.HaqException">A list of shards is not as it should be (HAQ0111).</exception>
    public IEnumerable<Yaml.FileReference> Files => new[] { Calibration, Search, Evaluation, Training }
        .Where(o => o is not null)
        .SelectMany(o => o!.Files.SelectMany(f => Named(o, f.File)).Concat(o.Labels?.Path is { } labels ? [labels] : []))
        .DistinctBy(f => f.FullPath, StringComparer.Ordinal);

    private static IEnumerable<Yaml.FileReference> Named(DatasetOptions options, Yaml.FileReference file) =>
        options.IsShardList && File.Exists(file.FullPath) ? [file, .. ShardList.Read(file).Select(s => s.File)] : [file];
}
