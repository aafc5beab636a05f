using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Calibrating;
using Haq.Engine.Pipeline.Stages.Costing;
using Haq.Engine.Pipeline.Stages.Devices;
using Haq.Engine.Pipeline.Stages.Evaluating;
using Haq.Engine.Pipeline.Stages.Exporting;
using Haq.Engine.Pipeline.Stages.Finetuning;
using Haq.Engine.Pipeline.Stages.Measuring;
using Haq.Engine.Pipeline.Stages.Mending;
using Haq.Engine.Pipeline.Stages.Opening;
using Haq.Engine.Pipeline.Stages.Placing;
using Haq.Engine.Pipeline.Stages.Preparing;
using Haq.Engine.Pipeline.Stages.Quantizing;
using Haq.Engine.Pipeline.Stages.Reconstructing;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Pipeline.Stages.Scoring;
using Haq.Engine.Pipeline.Stages.Searching;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Engine.Training;
using Haq.Engine.Training.Reconstruction;
using Onnx;

namespace Haq.Engine.Pipeline;

/// <summary>
/// The stages in order, and what each is given: from a manifest to a quantized model and its report. Nothing runs until it is asked for, and what was computed before comes from the cache.
/// For one caller at a time.
/// </summary>
public sealed class QuantizationPipeline
{
    // Each layer's beginning is the one before's and a little more: it need not be kept for long, and the search's own are there still.
    private const long DiagnosisPrefixes = 64L << 20;

    private readonly StageRunner _run;
    private readonly OpenedManifest _read;
    private readonly PipelineOptions _asked;
    private readonly ManifestOptions _options;
    private readonly DataSets _sets;
    private bool _isSane;

    internal QuantizationPipeline(StageRunner run, OpenedManifest read, PipelineOptions asked)
    {
        (_run, _read, _asked, _options) = (run, read, asked, new ManifestOptions(read.Manifest, asked, DialectForm.Of(read.Dialect)));
        _sets = new DataSets(read.Manifest, read.Inputs, _options.Seed);
        var (manifest, search) = (read.Manifest, read.Manifest.Search);

        Source = StageRunner.Given("model", () => read.ModelDigest, () => read.Model);
        Declared = StageRunner.Given("hardware", () => read.Target.Digest, () => read.Target);
        Sample = StageRunner.Given("sample", () => _sets.All, () => FirstSample.Of(manifest, read.Inputs, read.Model));
        Float = run.Add(new FloatStage(), () => new FloatInputs(Source));
        Model = Prepared(how => how, Path.GetFileName(manifest.Model.FullPath));
        Target = run.Add(new TargetStage(), () => new TargetInputs(Declared, Model, manifest.Hardware.Threads, IsMeasured));
        Pricing = run.Add(new PriceStage(), () => new PriceInputs(
            Model, Declared, Target, manifest.Budget with { AccuracyDrop = null }, manifest.Bits, manifest.Layers, _options.SharesWeights,
                manifest.Quantization.Embeddings, new SourceLocation(manifest.File), manifest.Hardware.At, IsMeasured,
            manifest.Budget.FileSize is null ? 0 : ModelFiles.Bytes(manifest.Model.FullPath, read.Model), manifest.Budget.FileSize is null ? null : _options.Weights));
        Data = run.Add(new DataStage(), () => new DataInputs(Model, _sets.All, manifest.Data, manifest.Inputs, RandomSeed, manifest.Metric.Output, _options.UsesLabels, Start));
        Calibration = run.Add(new CalibrateStage(), () => new CalibrateInputs(
            Model, CalibrationSamples, Narrowest(), _options.Ranges is null ? _options.Percentile : null, Moments: true));
        Quantizer = run.Add(new QuantizerStage(), () => new QuantizerInputs(
            Model, Calibration, _options.Ranges, _options.Percentile, _options.Weights with { Improve = !IsMeasured }));
        SearchSet = Evaluated(Chosen(SearchSamples, search.Samples, "search samples"));
        ReportedSet = Evaluated(ReportedSamples);
        Measurements = run.Add(new MeasureStage(), () => Measured(Chosen(SearchSamples, search.Samples, "search samples"), ProbeSamples));
        Scorer = run.Add(new ScorerStage(), () => ScorerOf(ScoreMethod));
        Scores = run.Add(new ScoreStage(), () => new ScoreInputs(ScoreMethod, Scorer, Measurements, Pricing.Value.Space.Choices, Pricing.Value.Space.Groups));
        Candidates = run.Add(new CandidateStage(), () => new CandidateInputs(Measurements, CandidateTraining(), search.Evaluate == SearchEvaluation.Surrogate ? Scores : null));
        Plans = run.Add(new PlanStage(), () => new PlanInputs(Quantizer, Pricing));
        Regions = RegionsUnder(null);
        Task = new SearchTask(Model, Pricing, RandomSeed, search.TimeLimit, manifest.Objective, manifest.Budget.AccuracyDrop is { } drop ? drop.Value.Value : null);
    }

    /// <summary>The model as it was read.</summary>
    internal Handle<OnnxModel> Source { get; }

    /// <summary>The same, as others are compared with it.</summary>
    internal Handle<FloatNetwork> Float { get; }

    /// <summary>The hardware as its file declares it.</summary>
    internal Handle<HardwareTarget> Declared { get; }

    /// <summary>The first sample of the data, by input; null where the data is not here.</summary>
    internal Handle<IReadOnlyDictionary<string, TensorProto>?> Sample { get; }

    /// <summary>The model, ready to be quantized.</summary>
    internal Handle<QuantizableModel> Model { get; }

    /// <summary>The hardware, ready to price layers.</summary>
    internal Handle<HardwareTarget> Target { get; }

    /// <summary>What every choice costs, which choices there are, and what may be spent.</summary>
    internal Handle<Pricing> Pricing { get; }

    /// <summary>The data sets.</summary>
    internal Handle<DatasetSplit> Data { get; }

    /// <summary>What was seen of the activations.</summary>
    internal Handle<Calibration> Calibration { get; }

    /// <summary>What gives every layer its numbers under any policy.</summary>
    internal Handle<PostTrainingQuantizer> Quantizer { get; }

    /// <summary>All that scores on the search set depend on, to be sent to whoever computes them.</summary>
    internal SubjectSource SearchSubject => SubjectOn(Chosen(SearchSamples, _read.Manifest.Search.Samples, "search samples"));

    /// <summary>What the search measures policies on.</summary>
    internal Handle<EvaluationSet> SearchSet { get; }

    /// <summary>What reports quote: samples that no choice was made on.</summary>
    internal Handle<EvaluationSet> ReportedSet { get; }

    /// <summary>What policies are measured with, without training.</summary>
    internal Handle<Measurements> Measurements { get; }

    /// <summary>What makes scores.</summary>
    internal Handle<Func<IPolicyEvaluator, ISensitivityScorer>> Scorer { get; }

    /// <summary>How much every choice hurts by itself.</summary>
    internal Handle<SensitivityTable> Scores { get; }

    /// <summary>How the search sees its candidates.</summary>
    internal Handle<Candidates> Candidates { get; }

    /// <summary>What gives plans their numbers, where whole files are measured.</summary>
    internal Handle<RegionQuantizer> Plans { get; }

    /// <summary>The choice by measuring whole files.</summary>
    internal Handle<SearchOutcome> Regions { get; }

    /// <summary>The choice of what is between layers, under a policy that somebody gave; under null, of everything.</summary>
    internal Handle<SearchOutcome> RegionsUnder(Policy? given) => _run.Add(new RegionStage(), () => new RegionInputs(
        Source, Model, Pricing, Target, Quantizer, Plans, SearchSamples, Evaluated(Chosen(SearchSamples, RegionStage.ScoredSamples, "samples of plans")), _options.Regions, given));

    /// <summary>The network under a policy as a build would write it: where whole files are measured, with a plan for what is between layers.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="locked">The lock file's choice, which stands where the policy is its own; null where there is none.</param>
    internal (Handle<QuantizedModel> Network, RegionRecord? Regions) AsBuilt(Policy policy, SearchOutcome? locked)
    {
        if (!IsMeasured) return (Quantized(policy), null);
        var regions = locked?.Regions is { } known && locked.Policy.Equals(policy) ? known : RegionsUnder(policy).Value.Regions!;
        return (Placed(Quantized(policy), regions.Plan), regions);
    }

    /// <summary>Whole files are measured on this machine, in place of a search by costs.</summary>
    internal bool IsMeasured => _options.IsMeasured(_read.Target);

    /// <summary>The figure that choices go by.</summary>
    internal Quality Quality => _options.Quality;

    /// <summary>Candidates are scored by measuring them as they are, without training.</summary>
    internal bool ChoosesByMeasuring => _read.Manifest.Search.Evaluate == SearchEvaluation.Measured;

    /// <summary>What the search has to solve.</summary>
    internal SearchTask Task { get; }

    /// <summary>The choice of a search with <paramref name="strategy"/>; an interruption hands the best policy so far to <paramref name="onInterrupted"/> first.</summary>
    internal Handle<Searched> Searched(string strategy, Action<Policy>? onInterrupted) => _run.Add(new SearchStage(), () => new SearchInputs(
        Task, strategy, _read.Manifest.Search.Strategy.At, _options.Search(strategy, Effort), SearchAgent.Of(_read.Manifest, _asked, strategy),
            Candidates, Measurements, Scores, Scorer, onInterrupted));

    /// <summary>Policies as whole files on the device: how long they take there.</summary>
    internal Handle<DeviceTimes> OnDevice(ImmutableArray<Policy> candidates, DeviceRun run, int rounds, SourceLocation at) => _run.Add(new DeviceStage(), () => new DeviceInputs(
        Model, [.. candidates.Select(Calibrated)], _read.Manifest.Format, Pricing.Value.Costs.Batch, RandomSeed, run, rounds, _read.Target.Digest, at));

    /// <summary>A choice that was looked at: what 8 bits would ruin is wider.</summary>
    internal Handle<Mended> Mended(Policy policy, Policy? eight) => _run.Add(new MendStage(), () => new MendInputs(
        Source, Float, Model, Pricing, Target, Quantizer, SearchSamples, SearchSet, _read.Manifest.Budget.AccuracyDrop?.Value.Value,
        _read.Manifest.Budget.AccuracyDrop is null ? null : _options.Quality, _options.Pinned(Model.Value.Items), policy, eight));

    /// <summary>The network under a policy, with all that the manifest asks for before training.</summary>
    internal Handle<QuantizedModel> Quantized(Policy policy)
    {
        var start = Calibrated(policy);
        return Reconstructed(start) is { } learned ? StageRunner.Given("quantized", () => learned, () => WithWarnings(learned.Value)) : start;
    }

    /// <summary>The network under a policy, before any rounding is learned.</summary>
    internal Handle<QuantizedModel> Calibrated(Policy policy) => _run.Add(new QuantizeStage(), () => new QuantizeInputs(Quantizer, policy));

    /// <summary>The network with learned rounding; null where nothing is learned.</summary>
    internal Handle<Reconstructed>? Reconstructed(Handle<QuantizedModel> start)
    {
        if (_read.Manifest.Quantization.Rounding != RoundingMethod.Block || !ReconstructStage.Learns(start.Value)) return null;
        var options = new ReconstructionOptions { Seed = RandomSeed, Threads = _options.Threads };
        return _run.Add(new ReconstructStage(), () => new ReconstructInputs(start, Quantizer, CalibrationSamples, options));
    }

    /// <summary>The network with the pairs between layers that a plan has.</summary>
    internal Handle<QuantizedModel> Placed(Handle<QuantizedModel> network, string plan) => _run.Add(new PlaceStage(), () => new PlaceInputs(network, Plans, plan));

    /// <summary>The network trained further; null where the manifest asks for no training.</summary>
    internal Handle<FineTuneResult>? Finetuned(Handle<QuantizedModel> start) => _options.FineTuning is not { } options ? null
        : _run.Add(new FinetuneStage(), () => new FinetuneInputs(start, Quantizer, TrainingSamples, SearchSet, options, _options.Quality, Sample));

    /// <summary>The network that is exported.</summary>
    internal static Handle<QuantizedModel> Final(Handle<QuantizedModel> quantized, Handle<FineTuneResult>? tuned) =>
        tuned is null ? quantized : StageRunner.Given("finetuned", () => tuned, () => tuned.Value.Model);

    /// <summary>The file.</summary>
    internal Handle<Exported> Exported(Handle<QuantizedModel> network, string path) => _run.Add(new ExportStage(), () => new ExportInputs(network, _read.Manifest.Format, path, IsMeasured));

    /// <summary>The facts of the build; <paramref name="measured"/> is null where the data is not here.</summary>
    internal Handle<ReportModel> Report(SearchOutcome outcome, Handle<Exported> exported, MeasuredInputs? measured, bool isFull, LockFile? locked) =>
        _run.Add(new ReportStage(), () => new ReportInputs(_read.Manifest, Source, _read.ModelDigest, _options.Seed, Task, Target, outcome, exported, measured, isFull, locked));

    /// <summary>What the report measures.</summary>
    internal MeasuredInputs Measured(Handle<QuantizedModel> quantized, Handle<FineTuneResult>? tuned, Handle<QuantizedModel> final) =>
        new(Quantizer, quantized, tuned, final, ReportedSet, ReportedSamples, SearchSamples, TrainingSamples, Diagnosis(LayerDamage.SamplesFor(Model.Value)), Steps, Preparation, Float);

    /// <summary>What layers are looked at with.</summary>
    internal DiagnosisInputs Diagnosis(int samples)
    {
        var chosen = Chosen(SearchSamples, samples, "diagnosis samples");
        var elsewhere = _asked.Workers is null ? null
            : new DiagnosisElsewhere(_asked.Workers, () => SubjectOn(chosen), _options.Threads);
        return new DiagnosisInputs(chosen, Evaluated(chosen, DiagnosisPrefixes), elsewhere);
    }

    /// <summary>The network as it was before each step of quantization.</summary>
    internal StepInputs Steps
    {
        get
        {
            var unequalized = Prepared(how => how with { Equalize = false }, null);
            var unfolded = Prepared(how => how with { Equalize = false, FoldBatchNorm = false }, null);
            return new StepInputs(_read.Manifest.Quantization, Quantizer, Variant(Model), Variant(unequalized), Variant(unfolded));
        }
    }

    /// <summary>What makes scores in one way.</summary>
    internal Handle<Func<IPolicyEvaluator, ISensitivityScorer>> ScorerBy(SensitivityMethod method) => _run.Add(new ScorerStage(), () => ScorerOf(method));

    /// <summary>The strategy in force.</summary>
    internal string Strategy => _options.Strategy;

    /// <summary>How a strategy of that name searches here, with the agent that it starts from.</summary>
    internal SearchOptions OptionsOf(string strategy) => _options.Search(strategy, Effort) with { TrainedAgent = SearchAgent.Of(_read.Manifest, _asked, strategy).File };

    internal SearchEffort Effort => SearchEffort.For(Model.Value.Survey.Macs, Model.Value.Layers.Length, Model.Value.Float.IsHuge);

    private ulong RandomSeed => (ulong)_options.Seed;

    private SourceLocation Start => new(_read.Manifest.File, 1, 1);

    private SensitivityMethod ScoreMethod => Stages.Scoring.ScoreMethod.Resolve(_options.Sensitivity, Model.Value, Pricing.Value.Space, Effort);

    private Handle<IDataset> CalibrationSamples => Samples(() => _sets.Calibration, () => Data.Value.Calibration);

    private Handle<IDataset> SearchSamples => Samples(() => _sets.Search, () => Data.Value.Search);

    private Handle<IDataset> ReportedSamples => Samples(() => _sets.Reported, () => Data.Value.Reported);

    // Labels, where the loss needs them, may be in the search set alone.
    private Handle<IDataset> TrainingSamples => Samples(() => _options.TrainsOnLabels ? new[] { _sets.Training, _sets.Search } : [_sets.Training], () =>
    {
        var data = Data.Value;
        return _options.TrainsOnLabels && data.Training is null && !data.TrainingOrOther.HasLabels ? data.Search : data.TrainingOrOther;
    });

    private Handle<IDataset> Samples(Func<object> content, Func<IDataset> open) => StageRunner.Given("samples", () => new Fed(Model, content()), open);

    private Handle<IDataset> Chosen(Handle<IDataset> whole, int count, string purpose) =>
        StageRunner.Given("samples", () => new Choice(whole, count, purpose, RandomSeed), () => DatasetSplit.Choose(whole.Value, count, new SeededRandom(RandomSeed).Fork(purpose)));

    private Handle<EvaluationSet> Evaluated(Handle<IDataset> samples, long? prefixMemory = null) =>
        _run.Add(new EvaluateStage(), () => new EvaluateInputs(Source, Float, samples, _read.Manifest.Metric.Output, _options.Outputs, _options.Threads, prefixMemory, CheckOnce));

    private MeasureInputs Measured(Handle<IDataset> whole, Handle<IDataset> part) => new(
        Quantizer, SearchSet, Evaluated(part), Effort, _asked.Workers is null ? null : new ScoringElsewhere(_asked.Workers, () => SubjectOn(whole), () => SubjectOn(part), _options.Threads));

    /// <summary>What probes are measured on, as workers elsewhere get it.</summary>
    internal SubjectSource ProbeSubject => SubjectOn(ProbeSamples);

    private Handle<IDataset> ProbeSamples => Chosen(SearchSamples, Effort.ProbeSamples, "probe samples");

    private SubjectSource SubjectOn(Handle<IDataset> samples) => new(
        Source.Value, Preparation, Calibration.Value, _options.Ranges, _options.Percentile, _options.Weights with { Improve = !IsMeasured }, samples.Value,
        _read.Manifest.Metric.Output, _options.Outputs);

    private Preparation Preparation
    {
        get
        {
            bool rulesDo = ShapeInference.Infer(new GraphView(_read.Model), _options.Shapes).Unknown.Count == 0;
            return _options.Preparation(_read.Target, rulesDo ? null : Sample);
        }
    }

    private Handle<QuantizableModel> Prepared(Func<Preparation, Preparation> change, string? name) => _run.Add(new PrepareStage(), () => new PrepareInputs(Source, change(Preparation), name));

    private void CheckOnce(EvaluationSet set, IDataset samples)
    {
        if (_isSane) return;
        foreach (var warning in FloatSanity.Check(_read.Manifest, _read.Model, set, samples, Model.Value.Survey.Macs, _run.Cancellation)) _run.Warn(warning);
        _isSane = true;
    }

    private StepVariant Variant(Handle<QuantizableModel> model) =>
        new(model, _run.Add(new CalibrateStage(), () => new CalibrateInputs(model, CalibrationSamples, Narrowest: null, Percentile: null, Moments: false)));

    private ImmutableArray<LayerBits>? Narrowest()
    {
        if (!_options.Smooths) return null;
        return [.. Pricing.Value.Space.Choices.Select(choices => new LayerBits(choices.Min(c => c.Weights), choices.Min(c => c.Activations)))];
    }

    private ScorerInputs ScorerOf(SensitivityMethod method)
    {
        bool isLocal = method is SensitivityMethod.Local or SensitivityMethod.Fisher;
        var samples = Chosen(SearchSamples, Stages.Scoring.ScoreMethod.Samples(_read.Manifest.Search.Samples, Model.Value, Pricing.Value.Space, Effort), "score samples");
        var otherwise = method == SensitivityMethod.Fisher && _options.Sensitivity == SensitivityMethod.Auto
            ? Stages.Scoring.ScoreMethod.WithoutGradients(Model.Value, Pricing.Value.Space, Effort)
            : (SensitivityMethod?)null;
        return new ScorerInputs(
            method, otherwise, isLocal ? new LocalScoring(Quantizer, samples, _read.Manifest.Metric.Output, _options.Outputs, RandomSeed, _options.Threads) : null);
    }

    private CandidateTraining? CandidateTraining()
    {
        var search = _read.Manifest.Search;
        if (search.Evaluate != SearchEvaluation.Finetuned) return null;
        var samples = Chosen(TrainingSamples, search.FinetuneSamples, "candidates' training");
        return new CandidateTraining(Quantizer, SearchSet, samples, _options.FineTuning! with { Epochs = search.FinetuneEpochs }, _options.Quality, Sample);
    }

    private QuantizedModel WithWarnings(Reconstructed learned)
    {
        foreach (string message in learned.Warnings) _run.Warn(DiagnosticCatalog.BlockNotReconstructed.At(new SourceLocation(Model.Value.Float.Name), message));
        return learned.Model;
    }

    // How samples are batched is decided by what the network takes.
    private sealed record Fed(Handle<QuantizableModel> Model, object Content);

    private sealed record Choice(Handle<IDataset> Whole, int Count, string Purpose, ulong Seed);
}
