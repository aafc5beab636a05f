using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Search;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>
/// The one place where a manifest, and what the caller asks for in its place, becomes each room's options. What has no effect under the other settings is left at its default, so that it is in no key.
/// </summary>
internal sealed class ManifestOptions(HaqManifest manifest, PipelineOptions asked, DialectForm? form)
{
    /// <summary>The seed in force.</summary>
    public int Seed => asked.Seed ?? manifest.Search.Seed;

    /// <summary>Threads of every computation whose result is promised to repeat.</summary>
    public int Threads => asked.Threads;

    /// <summary>Weights share codebooks: HAQ's model-size mode.</summary>
    public bool SharesWeights => SharedWeights.IsAsked(manifest);

    /// <summary>The figure that reports, rewards and limits go by.</summary>
    public Quality Quality => manifest.Metric.Kind ?? Quality.Top1;

    /// <summary>The figure is one that labels decide about.</summary>
    public bool UsesLabels => manifest.Metric.Kind is null or Quality.Top1 or Quality.Top5;

    /// <summary>Which outputs count besides the one that is measured: the figures of a network without labels are of all that it gives.</summary>
    public OutputChoice Outputs => manifest.Metric.Output is not null ? OutputChoice.One
        : UsesLabels ? OutputChoice.AllWithoutLabels
        : manifest.Metric.Kind switch { Quality.Cosine => OutputChoice.AllByCosine, Quality.Sqnr => OutputChoice.AllByNoise, _ => OutputChoice.All };

    /// <summary>How choices are scored, <c>auto</c> not resolved yet.</summary>
    public SensitivityMethod Sensitivity => asked.Sensitivity ?? manifest.Search.Sensitivity;

    /// <summary>The strategy in force.</summary>
    public string Strategy => asked.Strategy ?? manifest.Search.Strategy.Value;

    /// <summary>Null: per tensor, whichever hurts least.</summary>
    public RangeMethod? Ranges => manifest.Quantization.Ranges;

    /// <summary>The share of values that fits, in percent, where that matters.</summary>
    public double Percentile => Ranges is null or RangeMethod.Percentile ? manifest.Quantization.Percentile : RangeEstimator.UsualPercentile;

    /// <summary>Channels of activations are evened out; with one scale for all channels there would be one that has to span what the factors pull apart.</summary>
    public bool Smooths => manifest.Quantization is { Smooth: true, PerChannel: true } && form is null;

    /// <summary>The shapes that the manifest gives to inputs.</summary>
    public ImmutableSortedDictionary<string, long[]> Shapes => manifest.Inputs.Where(i => i.Shape is not null)
        .ToImmutableSortedDictionary(i => i.Name, i => i.Shape!.Value.Select(extent => (long)extent).ToArray(), StringComparer.Ordinal);

    /// <summary>The target is measured, and nothing is asked for that widths other than 8 bits and float are needed for: whole files are measured on this machine.</summary>
    public bool IsMeasured(HardwareTarget target) => target.Kind == "measured" && form is null && manifest.Format == ExportFormat.Qdq && !SharesWeights
        && manifest.Budget is { Size: null, FileSize: null, EffectiveBits: null, Energy: null }
            && manifest.Objective is SearchObjective.Latency or SearchObjective.Accuracy && manifest.Quantization.Block == 0;

    /// <summary>How files are measured, and what they have to keep.</summary>
    public RegionSettings Regions => new(
        MeasuringSettings.Threads(manifest.Hardware.Threads), manifest.Hardware.Batch, manifest.Budget.Latency?.Value, manifest.Objective,
            manifest.Budget.AccuracyDrop?.Value.Value, Quality, Processor.Here.Name);

    /// <summary>How the model is made ready.</summary>
    /// <param name="target">The hardware as its file declares it.</param>
    /// <param name="sample">One sample, where rules do not tell every extent.</param>
    public Preparation Preparation(HardwareTarget target, Handle<IReadOnlyDictionary<string, TensorProto>?>? sample)
    {
        var settings = manifest.Quantization;
        return new Preparation
        {
            Shapes = Shapes,
            FoldBatchNorm = settings.FoldBatchNorm,
            Simplify = Simplify(target),
            Equalize = settings.Equalize,
            Between = Between(target),
            Regions = IsMeasured(target),
            Blocks = settings.Block > 0,
            Opset = manifest.Format == ExportFormat.Qonnx ? QonnxExporter.Opset : QdqExporter.Opset,
            Skips = Skips,
            Dialect = new TargetDialect(form?.Profile.Digest, form),
            Sample = sample,
        };
    }

    // In one order and each once, as they are applied: how they are written changes nothing.
    private ImmutableArray<string> Simplify(HardwareTarget target) => manifest.Quantization.Simplify is { } named
        ? [.. named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
        : IsMeasured(target) ? Simplification.Names : [];

    private BetweenLayers Between(HardwareTarget target)
    {
        var mode = manifest.Quantization.Junctions;
        if (mode == JunctionMode.Float || (mode == JunctionMode.Auto && (!target.NeedsIntegers || SharesWeights))) return BetweenLayers.Float;
        // What is timed on a processor keeps real numbers wherever its kernels do.
        bool tensors = mode == JunctionMode.Auto && !target.NeedsMeasuring && manifest.Format == ExportFormat.Qdq;
        return !tensors ? BetweenLayers.Junctions : target.FusesResiduals ? BetweenLayers.TensorsOfFusedSums : BetweenLayers.Tensors;
    }

    /// <summary>The items whose widths are written one by one.</summary>
    public ImmutableArray<string> Pinned(IEnumerable<QuantizableLayer> items) =>
        [.. items.Select(i => i.Name).Where(name => manifest.Layers.LastOrDefault(l => l.Matches(name)) is { Skip: false } entry && (entry.Weights ?? entry.Activations) is not null)];

    /// <summary>How weights are quantized.</summary>
    public WeightOptions Weights
    {
        get
        {
            var settings = manifest.Quantization;
            return new()
            {
                PerChannel = settings.PerChannel && form is not { PerTensorWeights: true },
                PowerOfTwo = form is { PowerOfTwoWeights: true },
                LimitPairs = form is null,
                SecondOrder = settings.Rounding != RoundingMethod.Nearest,
                CorrectBias = settings.BiasCorrection,
                Sharing = SharesWeights ? WeightSharing.KMeans : WeightSharing.Linear,
                Seed = SharesWeights ? (ulong)Seed : 0,
                Block = settings.Block,
                Tables = settings.Embeddings && form is null,
            };
        }
    }

    /// <summary>How the network is fine-tuned; null where it is not.</summary>
    public FineTuneOptions? FineTuning => manifest.Finetune is not { } settings ? null : new()
    {
        Epochs = settings.Epochs,
        Batch = settings.Batch,
        Loss = settings.Loss,
        Optimizer = settings.Optimizer,
        LearningRate = settings.LearningRate,
        Schedule = settings.Schedule,
        StepEpochs = settings.Schedule == RateSchedule.Step ? settings.StepEpochs : 1,
        StepFactor = settings.Schedule == RateSchedule.Step ? settings.StepFactor : 1,
        Momentum = settings.Optimizer == OptimizerKind.Sgd ? settings.Momentum : 0,
        WeightDecay = settings.WeightDecay,
        ClipNorm = settings.GradientClip ?? 0,
        Scales = form is { KeepsScales: true } ? ScaleLearning.Ste : settings.Quantizer,
        ReestimateStatistics = settings.BatchNorm == FinetuneBatchNorm.Reestimate,
        Augmentation = new Augmentation(settings.Flip, settings.Shift),
        Output = manifest.Metric.Output,
        Seed = (ulong)Seed,
        Threads = Threads,
        InputShapes = Shapes,
    };

    /// <summary>Training needs labels, wherever they are.</summary>
    public bool TrainsOnLabels => manifest.Finetune is { Loss: LossKind.CrossEntropy };

    /// <summary>How the search goes; files of agents apart.</summary>
    /// <param name="strategy">The strategy's name.</param>
    /// <param name="effort">What the network's size allows.</param>
    public SearchOptions Search(string strategy, SearchEffort effort)
    {
        var settings = manifest.Search;
        bool explores = settings.Explore == SearchExploration.Ddpg || asked.Agent is not null;
        bool hasAgent = Strategies.AgentOf(strategy) is var use && (use == AgentUse.Always || (use == AgentUse.WhereAsked && explores));
        var options = new SearchOptions { Evaluations = effort.Evaluations, Quality = Quality };
        return !hasAgent ? options : options with { Episodes = asked.Episodes ?? settings.Episodes, ExploresByAgent = explores, Ddpg = Agent(settings.Ddpg) };
    }

    private ImmutableArray<SkipRule> Skips
    {
        get
        {
            // The last entry that names a layer decides, so that only those after a skip can take it back.
            var entries = manifest.Layers.SkipWhile(l => !l.Skip);
            return [.. entries.Select(l => new SkipRule(l.Pattern, l.Skip))];
        }
    }

    private static DdpgOptions Agent(DdpgSettings settings) => new()
    {
        WarmUp = settings.Warmup,
        Hidden1 = settings.Hidden[0],
        Hidden2 = settings.Hidden[1],
        ActorRate = settings.ActorLearningRate,
        CriticRate = settings.CriticLearningRate,
        SoftUpdate = settings.Tau,
        Discount = settings.Discount,
        Batch = settings.Batch,
        ReplayPerLayer = settings.MemoryPerLayer,
        RewardAverage = settings.MovingAverage,
        Noise = settings.NoiseSigma,
        NoiseDecay = settings.NoiseDecay,
        Population = settings.Population,
        RewardScale = settings.RewardScale,
        LastLayerInit = settings.LastLayerInit,
        Projection = settings.Projection,
    };
}
