using System.Globalization;
using System.Text.Json;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Runtime;
using Haq.Engine.Search;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Pipeline.Stages.Placing;

/// <param name="Source">The float network as it was read, which files are raced with.</param>
/// <param name="Model">The network, ready to be quantized.</param>
/// <param name="Pricing">Which layers may be what.</param>
/// <param name="Target">The hardware.</param>
/// <param name="Calibrated">What gives layers their numbers.</param>
/// <param name="Quantizer">What gives plans theirs.</param>
/// <param name="Samples">What is run and compared.</param>
/// <param name="Set">What accuracy is measured on.</param>
/// <param name="Settings">How files are measured, and what they have to keep.</param>
/// <param name="Given">The layers' widths where somebody gave them: what is between layers is chosen then. Null where layers are to be chosen, too.</param>
internal sealed record RegionInputs(
    Handle<OnnxModel> Source, Handle<QuantizableModel> Model, Handle<Pricing> Pricing, Handle<HardwareTarget> Target, Handle<PostTrainingQuantizer> Calibrated, Handle<RegionQuantizer> Quantizer,
    Handle<IDataset> Samples, Handle<EvaluationSet> Set, RegionSettings Settings, Policy? Given);

/// <summary>
/// On the processor under ONNX Runtime the hardware is at hand: which operators are computed in integers is decided by measuring whole files, never
/// slower than float and never below the accuracy asked for.
/// </summary>
internal sealed class RegionStage : CachedStage<RegionInputs, SearchOutcome>
{
    /// <summary>Samples that accuracy is measured on.</summary>
    public const int ScoredSamples = 500;

    private const string Strategy = "regions", FileName = "regions.json";

    public override string Name => "regions";

    public override int Version => StageVersions.Search;

    public override SearchOutcome Run(RegionInputs inputs, StageScope scope)
    {
        var quantizer = inputs.Given is { } policy ? inputs.Quantizer.Value.Under(policy) : inputs.Quantizer.Value;
        using var bench = new RegionBench(inputs, quantizer, scope);
        var space = inputs.Pricing.Value.Space;
        var goal = GoalOf(inputs.Settings);
        var search = new RegionSearch(quantizer.Map, bench, goal, (unit, form) =>
            MayBe(quantizer.Map.Units[unit], form, layer => inputs.Given is { } given ? [given[layer]] : space.ChoicesOf(layer).ToArray()),
            (message, done) => scope.Report(message, done), scope.Cancellation);
        var result = search.Run();
        if (goal.MostSeconds?.Invoke(result.Timing.FloatSeconds) is { } limit && result.Timing.Ratio * result.Timing.FloatSeconds > limit) throw OutOfReach(inputs.Settings, result, limit);
        if (result.Verdict == RegionVerdict.TooNoisy) scope.KeepForThisRun();
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
                // What disturbs a race moves medians of either file, and hardly the ratio of neighbouring runs.
                QuantizedMs = result.Timing.Ratio * result.Timing.FloatSeconds * 1e3,
                UniformInt8Ms = result.Uniform.Ratio * result.Uniform.FloatSeconds * 1e3,
                Ratio = result.Timing.Ratio,
                RatioLow = result.Timing.Low,
                RatioHigh = result.Timing.High,
                PredictedMs = result.PredictedSeconds * 1e3,
                Files = result.Candidates.Length,
                Integers = result.Plan.Integers,
                Operators = quantizer.Map.Units.Count(u => u.CanBeInteger || u.CanBeDynamic),
                Threads = inputs.Settings.Threads,
                Batch = bench.Rows,
                Processor = processor.Name,
                InstructionSets = string.Join(' ', processor.InstructionSets),
                Runtime = OrtVersion.Text,
                Layers = PlacedLayers.Of(quantizer.Map, result),
            },
        };
    }

    public override void Write(SearchOutcome result, string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(result, SearchOutcomeJson.Default.SearchOutcome));

    public override SearchOutcome Read(RegionInputs inputs, string folder) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.SearchOutcome)!;

    // Widths that the manifest, or a given policy, leaves to a layer; between layers there is no width to speak of.
    private static bool MayBe(RegionUnit unit, UnitForm form, Func<int, LayerBits[]> choicesOf)
    {
        if (unit.Layer is not { } layer) return true;
        var choices = choicesOf(layer.Layer.Index);
        return form switch
        {
            UnitForm.Float => choices.Contains(LayerBits.Float),
            UnitForm.Integers => choices.Any(c => !c.Activations.IsFloat && c.Weights <= Bitwidth.Eight),
            UnitForm.Dynamic => choices.Contains(new LayerBits(8, 8)),
            UnitForm.Blocks8 => choices.Contains(new LayerBits(Bitwidth.Eight, Bitwidth.Float)),
            UnitForm.Blocks4 => choices.Contains(new LayerBits(new Bitwidth(4), Bitwidth.Float)),
            _ => false,
        };
    }

    private static HaqException OutOfReach(RegionSettings settings, RegionResult result, double limit)
    {
        double least = Math.Ceiling(result.Timing.Ratio * 1000) / 1000;
        return DiagnosticCatalog.BudgetInfeasible.Error((SourceLocation?)null, string.Create(CultureInfo.InvariantCulture,
            $"latency {settings.Latency} (that is {limit * 1e3:0.###} ms) is below the least that was measured, {result.Timing.Ratio * result.Timing.FloatSeconds * 1e3:0.###} ms of float's {result.Timing.FloatSeconds * 1e3:0.###} ms. Allow {least:0.###}x{(settings.AccuracyDrop is null ? "" : ", or a larger 'accuracy-drop'")}."));
    }

    private static RegionGoal GoalOf(RegionSettings settings)
    {
        Func<double, double>? most = settings.Latency is { } latency ? real => latency.Dimension == Dimension.Factor ? latency.Value * real : latency.Value : null;
        return new RegionGoal(most, settings.Objective == SearchObjective.Accuracy && most is not null);
    }
}
