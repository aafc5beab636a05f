using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>
/// The separate sets that a build uses: what ranges are measured on, what the search maximizes, what training sees, and what reports and gates quote.
/// No sample that a choice was made on is ever quoted.
/// </summary>
public sealed class DatasetSplit : IDisposable
{
    /// <summary>How many samples ranges are measured on where nothing is said.</summary>
    public const int CalibrationSamples = 256;

    private readonly List<IDataset> _opened = [];

    private DatasetSplit() { }

    /// <summary>What ranges are measured on.</summary>
    public IDataset Calibration { get; private set; } = null!;

    /// <summary>What the search maximizes.</summary>
    public IDataset Search { get; private set; } = null!;

    /// <summary>What reports and gates quote.</summary>
    public IDataset Reported { get; private set; } = null!;

    /// <summary>What fine-tuning trains on; null where the manifest names nothing.</summary>
    public IDataset? Training { get; private set; }

    /// <summary>What fine-tuning trains on: <see cref="Training"/>, else all of calibration's own files, else the search set, to learn from the float model without labels.</summary>
    public IDataset TrainingOrOther { get; private set; } = null!;

    /// <summary>What was noticed while opening.</summary>
    public ImmutableArray<Diagnostic> Warnings => [.. _opened.OfType<Dataset>().SelectMany(d => d.Warnings)];

    /// <summary>
    /// Opens what the manifest names. Where the search set is absent, a seeded half of the evaluation set takes its place, and the other half is reported;
    /// a set that names the evaluation set's own files gets samples of the search half. Calibration, when absent, comes from training, else from the search half.
    /// Without an evaluation set, the first of search, calibration and training is split in its place.
    /// </summary>
    /// <param name="sources">The four sets as written, null where absent.</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="declared">What the manifest says about them.</param>
    /// <param name="random">Its fork "split" decides about the halves, other forks about samples.</param>
    /// <param name="manifest">Where to point when there is no data.</param>
    /// <param name="watch">Told how far the listing of samples is.</param>
    /// <exception cref="HaqException">There is no data (HAQ0110), or a set cannot be read.</exception>
    public static DatasetSplit Open(
        DatasetSources sources, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, SeededRandom random, SourceLocation manifest, ListingProgress? watch = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(random);
        var split = new DatasetSplit();
        try
        {
            split.OpenAll(sources, inputs, declared, random, manifest, watch);
            return split;
        }
        catch
        {
            split.Dispose();
            throw;
        }
    }

    /// <summary>A seeded choice of <paramref name="count"/> samples in ascending order; the set itself where it has no more.</summary>
    public static IDataset Choose(IDataset whole, int count, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(random);
        return count >= whole.Count ? whole : new DatasetSubset(whole, Sorted(random.Permutation(whole.Count).AsSpan(0, count)));
    }

    /// <summary>Two seeded halves without a common sample, each in ascending order; the second is the larger one of an odd number.</summary>
    /// <exception cref="ArgumentException">There are fewer than two samples.</exception>
    public static (IDataset First, IDataset Second) Halve(IDataset whole, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(whole);
        ArgumentNullException.ThrowIfNull(random);
        if (whole.Count < 2) throw new ArgumentException("two halves need two samples", nameof(whole));
        int[] order = random.Permutation(whole.Count);
        int half = whole.Count / 2;
        return (
            new DatasetSubset(whole, Sorted(order.AsSpan(0, half)), $"a seeded half of {whole.Name} ({half} of {whole.Count} samples)"),
            new DatasetSubset(whole, Sorted(order.AsSpan(half)), $"the other half of {whole.Name} ({whole.Count - half} of {whole.Count} samples)"));
    }

    private void OpenAll(
        DatasetSources sources, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, SeededRandom random, SourceLocation manifest, ListingProgress? watch)
    {
        var plan = DatasetPlan.Of(sources) ?? throw DiagnosticCatalog.DataMissing.Error(manifest,
            "no data is given: ranges of activations are measured on samples, and policies are compared on them. A few hundred of the model's usual inputs are enough, labels are not "
            + "needed: 'data: {evaluation: FILE}'.");
        var basis = plan.Basis;
        IDataset Open(DatasetOptions options)
        {
            var dataset = Dataset.Open(options, inputs, declared, watch);
            _opened.Add(dataset);
            return dataset;
        }

        // The default number of calibration samples is no limit on a set that everything is taken from.
        var whole = Open(basis);
        if (basis == sources.Evaluation && basis.Samples is { } limit) whole = Choose(whole, limit, random.Fork("evaluation samples"));
        IDataset? searchHalf = null;
        if (plan.HasOwnSearch)
        {
            Reported = whole;
        }
        else
        {
            if (whole.Count < 2)
                throw DiagnosticCatalog.DataEmpty.Error(basis.Files[0].File.At, $"'{whole.Name}' has one sample: a half is searched on and the other half reported, so at least two are needed.");
            (searchHalf, Reported) = Halve(whole, random.Fork("split"));
        }
        IDataset? calibrationFiles = null;
        IDataset? Own(DatasetOptions? options, string name)
        {
            if (options is null) return null;
            bool fromHalf = plan.IsOfBasis(options);
            var set = fromHalf ? searchHalf ?? throw Overlap(options, name) : Open(options);
            if (!fromHalf && options == sources.Calibration) calibrationFiles = set;
            return options.Samples is { } count && options != sources.Evaluation ? Choose(set, count, random.Fork($"{name} samples")) : set;
        }

        Search = plan.HasOwnSearch ? Own(sources.Search, "search")! : searchHalf!;
        Training = Own(sources.Training, "training");
        Calibration = Own(sources.Calibration, "calibration") ?? Choose(Training ?? Search, CalibrationSamples, random.Fork("calibration samples"));
        TrainingOrOther = Training ?? calibrationFiles ?? Search;
    }

    private static HaqException Overlap(DatasetOptions options, string name) => DiagnosticCatalog.DataMissing.Error(options.Files[0].File.At,
        $"'{name}' names the evaluation set's own files, and 'search' others: figures would be quoted of samples that choices were made on. Give {name} data of its own, or leave it out.");

    private static int[] Sorted(ReadOnlySpan<int> samples)
    {
        int[] sorted = samples.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var dataset in _opened) dataset.Dispose();
    }
}
