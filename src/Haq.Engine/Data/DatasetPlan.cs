namespace Haq.Engine.Data;

/// <summary>Which of the sets that a manifest names each set of a build is taken from; see <see cref="DatasetSplit.Open"/> for the rules.</summary>
internal sealed class DatasetPlan
{
    private readonly DatasetSources _sources;

    private DatasetPlan(DatasetSources sources, DatasetOptions basis)
    {
        (_sources, Basis) = (sources, basis);
        HasOwnSearch = sources.Search is { } search && basis != search && !SameFiles(search, basis);
    }

    /// <summary>The plan; null where no data is named.</summary>
    public static DatasetPlan? Of(DatasetSources sources) =>
        (sources.Evaluation ?? sources.Search ?? sources.Calibration ?? sources.Training) is { } basis ? new DatasetPlan(sources, basis) : null;

    /// <summary>The set that is reported, or halved for it.</summary>
    public DatasetOptions Basis { get; }

    /// <summary>The search set has samples of its own, so that nothing is halved.</summary>
    public bool HasOwnSearch { get; }

    /// <summary>What decides about calibration's samples.</summary>
    public IEnumerable<DatasetOptions> Calibration => _sources.Calibration is { } own ? WithHalf(own) : _sources.Training is not null ? Training : Search;

    /// <summary>What decides about the search set.</summary>
    public IEnumerable<DatasetOptions> Search => [HasOwnSearch ? _sources.Search! : Basis];

    /// <summary>What decides about the reported set.</summary>
    public IEnumerable<DatasetOptions> Reported => [Basis];

    /// <summary>What decides about the training samples, those that take their place included.</summary>
    public IEnumerable<DatasetOptions> Training =>
        _sources.Training is { } own ? WithHalf(own) : _sources.Calibration is { } calibration && !IsOfBasis(calibration) ? [calibration] : Search;

    /// <summary>The set names the basis' own files, so that it gets samples of the half that is searched on.</summary>
    public bool IsOfBasis(DatasetOptions options) => options == Basis || SameFiles(options, Basis);

    private IEnumerable<DatasetOptions> WithHalf(DatasetOptions own) => IsOfBasis(own) && own != Basis ? [own, Basis] : [own];

    private static bool SameFiles(DatasetOptions a, DatasetOptions b) =>
        a.Files.Select(f => f.File.FullPath).Order(StringComparer.Ordinal).SequenceEqual(b.Files.Select(f => f.File.FullPath).Order(StringComparer.Ordinal));
}
