using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Puts a result into the lock file's form.</summary>
internal static class LockFileContent
{
    public static LockFile Of(Workspace workspace, SearchOutcome outcome, QuantizedModel quantized, ReportModel report, Exported exported) => new()
    {
        Engine = new LockedEngine(EngineIdentity.Version, EngineIdentity.Digest),
        Inputs = new SortedDictionary<string, LockedInput>(workspace.Inputs.Inputs.ToDictionary(i => i.Key, i => i.Value), StringComparer.Ordinal),
        Manifest = workspace.Inputs.Manifest,
        Search = new LockedSearch(outcome.Strategy, (ulong)workspace.Seed, workspace.Options.Threads, outcome.Evaluated, outcome.Completed, outcome.EndedIn, outcome.Uniform),
        Policy = [.. workspace.Model.Items.Select(l => new LockedLayer(l.Name, quantized.Policy[l.Index].Weights, quantized.Policy[l.Index].Activations))],
        Scales = Scales(quantized),
        Predicted = new LockedCost(report.Cost.LatencyMs, report.Cost.EnergyMj, (long)report.Cost.SizeBytes),
        Measured = new LockedAccuracy(Score(report.Float), Score(report.Quantized), report.Finetuned is null ? null : Score(report.Finetuned)),
        Regions = outcome.Regions,
        Device = outcome.Device,
        NothingToMeasure = outcome.NothingToMeasure,
        Mending = outcome.Mending,
        Agreement = report.Agreement,
        Output = exported.Digest,
    };

    private static SortedDictionary<string, LockedScale> Scales(QuantizedModel quantized)
    {
        var scales = new SortedDictionary<string, LockedScale>(StringComparer.Ordinal);
        foreach (var layer in quantized.Layers)
            if (layer.Activation is { } q) scales[layer.Found.Input] = new LockedScale(layer.Bits.Activations, q.Scale, q.ZeroPoint, q.Range.Min, q.Range.Max);
        foreach (var (junction, q) in quantized.Junctions)
            scales.TryAdd(junction.Tensor, new LockedScale(q.Bits, q.Scale, q.ZeroPoint, q.Range.Min, q.Range.Max));
        return scales;
    }

    private static LockedScore? Score(AccuracyFacts? facts) =>
        facts is null ? null : new LockedScore(facts.Top1, facts.Top5, facts.Agreement, facts.Loss ?? 0, facts.Samples);
}
