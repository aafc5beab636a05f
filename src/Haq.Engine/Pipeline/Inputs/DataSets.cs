using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>What decides about each set of samples that a build uses, known before any of them is opened: how it is declared, what its files hold, and the seed where samples are drawn.</summary>
internal sealed class DataSets
{
    private readonly HaqManifest _manifest;
    private readonly InputLedger _inputs;
    private readonly DatasetPlan? _plan;
    private readonly int _seed;

    public DataSets(HaqManifest manifest, InputLedger inputs, int seed) => (_manifest, _inputs, _seed, _plan) = (manifest, inputs, seed, DatasetPlan.Of(manifest.Data));

    /// <summary>The sets that are named, by their role in the ledger.</summary>
    public static IEnumerable<(string Role, DatasetOptions Set)> Named(DatasetSources data)
    {
        if (data.Calibration is { } calibration) yield return ("data.calibration", calibration);
        if (data.Search is { } search) yield return ("data.search", search);
        if (data.Evaluation is { } evaluation) yield return ("data.evaluation", evaluation);
        if (data.Training is { } training) yield return ("data.training", training);
    }

    /// <summary>All of them.</summary>
    public ImmutableArray<DataContent> All => [Calibration, Search, Reported, Training];

    /// <summary>What ranges are measured on.</summary>
    public DataContent Calibration => Of("calibration", _plan?.Calibration, isDrawn: _manifest.Data.Calibration is null);

    /// <summary>What the search maximizes.</summary>
    public DataContent Search => Of("search", _plan?.Search);

    /// <summary>What reports quote.</summary>
    public DataContent Reported => Of("reported", _plan?.Reported);

    /// <summary>What is trained on.</summary>
    public DataContent Training => Of("training", _plan?.Training);

    private DataContent Of(string role, IEnumerable<DatasetOptions>? from, bool isDrawn = false)
    {
        ImmutableArray<DeclaredSet> sets = [.. (from ?? []).Select(Declared)];
        bool isHalved = _plan is { HasOwnSearch: false } plan && sets.Any(s => s.Files == plan.Basis.Files);
        bool isSeeded = isDrawn || isHalved || sets.Any(s => s.Samples is not null);
        return new DataContent(role, isHalved, sets, _manifest.Inputs, isSeeded ? _seed : null);
    }

    private DeclaredSet Declared(DatasetOptions set)
    {
        string role = Named(_manifest.Data).First(n => ReferenceEquals(n.Set, set)).Role + ".";
        return new DeclaredSet(
            set.Files, set.Format, set.Labels, set.Samples, set.Preprocess, set.ElementType, set.Shape, set.CorruptShare,
            [.. _inputs.Inputs.Where(i => i.Key.StartsWith(role, StringComparison.Ordinal)).Select(i => i.Value.Sha256 ?? "")]);
    }
}

/// <summary>What decides about one set.</summary>
internal sealed record DataContent(string Role, bool IsHalved, ImmutableArray<DeclaredSet> From, ImmutableArray<InputOptions> Inputs, int? Seed);

/// <summary>A set as the manifest declares it, with the SHA-256 of each of its files. Where decoded images are kept is no part of it.</summary>
internal sealed record DeclaredSet(
    ImmutableArray<DataFile> Files, DatasetFormat? Format, LabelOptions? Labels, int? Samples, PreprocessOptions Preprocess, ElementKind? ElementType, ImmutableArray<int>? Shape, double CorruptShare,
    ImmutableArray<string> Digests);
