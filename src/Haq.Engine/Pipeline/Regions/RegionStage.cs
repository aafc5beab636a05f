using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Runtime;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Regions;

/// <summary>
/// On the processor under ONNX Runtime the hardware is at hand: which operators are computed in integers is decided by measuring whole files, never slower than float and never below the accuracy asked for.
/// </summary>
internal static class RegionStage
{
    private const string Strategy = "regions", FileName = "regions.json";

    /// <summary>The target is measured, and nothing is asked for that widths other than 8 bits and float are needed for.</summary>
    public static bool IsAsked(HaqManifest manifest, HardwareTarget target) => target.Kind == "measured" && manifest.Format == ExportFormat.Qdq && !SharedWeights.IsAsked(manifest)
        && manifest.Budget is { Size: null, EffectiveBits: null, Energy: null } && manifest.Objective is Objective.Latency or Objective.Accuracy && manifest.Quantization.Block == 0;

    /// <summary>The choice for a workspace: measured, or taken from the cache.</summary>
    public static SearchOutcome Run(Workspace workspace)
    {
        string folder = workspace.Options.Cache.GetOrCreate(KeyOf(workspace), dir => File.WriteAllBytes(
            Path.Combine(dir, FileName), JsonSerializer.SerializeToUtf8Bytes(Search(workspace), SearchOutcomeJson.Default.SearchOutcome)), null, workspace.Cancellation);
        var outcome = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.SearchOutcome)!;
        Tell(workspace, outcome.Regions!);
        return outcome;
    }

    /// <summary>The numbers of <paramref name="quantized"/> with the pairs between layers that the choice has; as they are where nothing was chosen so.</summary>
    public static QuantizedModel Place(Workspace workspace, SearchOutcome outcome, QuantizedModel quantized) =>
        outcome.Regions is { } record ? QuantizerOf(workspace).Place(quantized, RegionPlan.Parse(record.Plan)) : quantized;

    /// <summary>Warns where a lock file's choice was measured on a processor of other instruction sets, or with another ONNX Runtime (HAQ1504).</summary>
    public static void WarnOfOtherMachine(Workspace workspace, LockFile? locked)
    {
        if (locked?.Regions is not { } record) return;
        string here = string.Join(' ', Processor.Here.InstructionSets);
        if (here == record.InstructionSets && OrtVersion.Text == record.Runtime) return;
        workspace.Warn(DiagnosticCatalog.MeasuredElsewhere.At(new SourceLocation(workspace.Manifest.File),
            $"the choice was measured on {record.Processor} ({record.InstructionSets}) with ONNX Runtime {record.Runtime}; this is {Processor.Here.Name} ({here}) with {OrtVersion.Text}. "
            + "The file is the same; whether it is faster than float here is not known. Build once without the lock file where it will run."));
    }

    private static SearchOutcome Search(Workspace workspace)
    {
        var quantizer = QuantizerOf(workspace);
        using var bench = new RegionBench(workspace, quantizer);
        var space = workspace.Pricing.Space;
        bool MayBeFloat(int unit) => quantizer.Map.Units[unit].Layer is not { } layer || space.ChoicesOf(layer.Layer.Index).Contains(LayerBits.Float);
        var search = new RegionSearch(quantizer.Map, bench, GoalOf(workspace), MayBeFloat, (message, done) => workspace.Report("search", message, done), workspace.Cancellation);
        var result = search.Run();
        var processor = Processor.Here;
        return new SearchOutcome
        {
            Strategy = Strategy,
            Bits = SearchOutcome.Flatten(quantizer.PolicyOf(result.Plan)),
            Evaluated = result.Candidates.Length,
            RegionTrials = [.. result.Candidates.Select(c => new RegionTrial(c.Plan.ToString(), c.Predicted * 1e3, c.Timing.Seconds * 1e3, c.Timing.Ratio, c.Score?.Excess))],
            Regions = new RegionRecord
            {
                Plan = result.Plan.ToString(),
                Verdict = result.Verdict.ToString(),
                FloatMs = result.Timing.FloatSeconds * 1e3,
                QuantizedMs = result.Timing.Seconds * 1e3,
                UniformInt8Ms = result.Uniform.Seconds * 1e3,
                Ratio = result.Timing.Ratio,
                RatioLow = result.Timing.Low,
                RatioHigh = result.Timing.High,
                PredictedMs = result.PredictedSeconds * 1e3,
                Files = result.Candidates.Length,
                Integers = result.Plan.Integers,
                Operators = quantizer.Map.AllInteger.Integers,
                Threads = MeasuringSettings.Threads(workspace.Manifest),
                Batch = bench.Rows,
                Processor = processor.Name,
                InstructionSets = string.Join(' ', processor.InstructionSets),
                Runtime = OrtVersion.Text,
            },
        };
    }

    private static RegionGoal GoalOf(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        Func<double, double>? most = manifest.Budget.Latency is { } latency
            ? real => latency.Value.Dimension == Dimension.Factor ? latency.Value.Value * real : latency.Value.Value
            : null;
        return new RegionGoal(most, manifest.Objective == Objective.Accuracy && most is not null);
    }

    private static RegionQuantizer QuantizerOf(Workspace workspace)
    {
        var quantizer = workspace.Quantizer;
        var known = quantizer.Calibration.Tensors.Where(t => quantizer.Calibration.HistogramOf(t).NonFinite == 0).ToHashSet(StringComparer.Ordinal);
        return new RegionQuantizer(quantizer, quantizer.Model.Regions!.Within(known.Contains), Widths(workspace));
    }

    // The widest integers that each layer may have.
    private static ImmutableArray<LayerBits> Widths(Workspace workspace)
    {
        var space = workspace.Pricing.Space;
        return [.. Enumerable.Range(0, space.Layers).Select(layer =>
            space.ChoicesOf(layer).ToArray().Where(b => !b.Activations.IsFloat && b.Weights <= Bitwidth.Eight).DefaultIfEmpty(LayerBits.Float).MaxBy(b => b.Weights * b.Activations))];
    }

    private static void Tell(Workspace workspace, RegionRecord record)
    {
        var at = new SourceLocation(workspace.Manifest.File);
        string times = string.Create(CultureInfo.InvariantCulture, $"everything in 8 bits takes {record.UniformInt8Ms:0.###} ms, float {record.FloatMs:0.###} ms ({record.Threads} threads, {record.Processor})");
        switch (Enum.Parse<RegionVerdict>(record.Verdict))
        {
            case RegionVerdict.NothingFaster:
                workspace.Warn(DiagnosticCatalog.NothingFaster.At(at, $"no choice of operators in integers was faster than float: {times}. The layers stay in float."));
                break;
            case RegionVerdict.NothingKept:
                workspace.Warn(DiagnosticCatalog.NothingFaster.At(at, $"every file that was faster than float lost more accuracy than allowed: {times}. The layers stay in float. Allow a larger 'accuracy-drop', or add 'finetune:'."));
                break;
            case RegionVerdict.TooNoisy:
                workspace.Warn(DiagnosticCatalog.TimingsTooNoisy.At(at, $"timings on this machine are too far apart to tell whether the best file is faster than float: {times}. The layers stay in float. Build again when the machine is quiet."));
                break;
        }
    }

    private static StageKey KeyOf(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        using var key = new StageKeyBuilder("regions", StageVersions.Search);
        key.Add(workspace.CalibrationKey).Add("hardware", SettingsDigest.Of(manifest.Hardware)).Add("data", SettingsDigest.OfData(workspace));
        key.Add("budget", SettingsDigest.Of(manifest.Budget)).Add("objective", manifest.Objective.ToString()).Add("metric", SettingsDigest.Of(manifest.Metric));
        key.Add("bits", SettingsDigest.Of(manifest.Bits)).Add("layers", SettingsDigest.Of(manifest.Layers)).Add("quantization", SettingsDigest.Of(manifest.Quantization));
        key.Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        key.Add("processor", Processor.Here.ToString()).Add("threads", MeasuringSettings.Threads(manifest).ToString(CultureInfo.InvariantCulture)).Add("runtime", OrtVersion.Text);
        return key.Build();
    }
}
