using System.Diagnostics;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Pipeline;

/// <summary>
/// A manifest and all that follows from it, each part made when it is first asked for: the pipeline and the commands that need only some of it share this.
/// For one caller at a time.
/// </summary>
public sealed class Workspace : IDisposable
{
    private readonly IProgress<PipelineProgress>? _progress;
    private readonly List<Diagnostic> _warnings = [];
    private readonly List<StageTime> _times = [];
    private QuantizableModel? _model;
    private Pricing? _pricing;
    private DatasetSplit? _data;
    private Calibrated? _calibrated;
    private EvaluationSet? _searchSet;
    private EvaluationSet? _reportedSet;
    private bool _isChecked;

    private Workspace(PipelineOptions options, IProgress<PipelineProgress>? progress, ReadResult read, CancellationToken cancellation)
    {
        (Options, _progress, Cancellation) = (options, progress, cancellation);
        (Manifest, Target, Inputs, Source, ModelDigest) = (read.Manifest, read.Target, read.Inputs, read.Model, read.ModelDigest);
        IsFormatOverridden = read.IsFormatOverridden;
        Random = new SeededRandom((ulong)Seed);
    }

    /// <summary>Reads the manifest and the hardware file, and takes the digest of everything that they name.</summary>
    /// <exception cref="HaqException">The manifest, the hardware file or the model's file is wrong or missing.</exception>
    public static Workspace Open(PipelineOptions options, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Open(options, new InputLedger(Path.GetDirectoryName(Path.GetFullPath(options.Manifest))!), progress, cancellation);
    }

    /// <summary>The same with a ledger that the caller keeps: nothing that is made from inputs is cached once they changed.</summary>
    internal static Workspace Open(PipelineOptions options, InputLedger inputs, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new PipelineProgress("read", $"reading {Path.GetFileName(options.Manifest)}"));
        return new Workspace(options with { Cache = options.Cache.ForRun(inputs.RequireUnchanged) }, progress, ReadStage.Run(options, inputs), cancellation);
    }

    /// <summary>What was asked for.</summary>
    public PipelineOptions Options { get; }

    /// <summary>The manifest.</summary>
    public HaqManifest Manifest { get; }

    /// <summary>The hardware; once priced, with this machine's timings where its kind is measured.</summary>
    public HardwareTarget Target { get; internal set; }

    /// <summary>Everything read.</summary>
    public InputLedger Inputs { get; }

    /// <summary>The caller asked for another format than the manifest does.</summary>
    internal bool IsFormatOverridden { get; }

    /// <summary>The model as it was read.</summary>
    internal OnnxModel Source { get; }

    /// <summary>SHA-256 of the model's file; where it has external data, of that and the data together.</summary>
    public string ModelDigest { get; }

    /// <summary>The source of all randomness; forked by name.</summary>
    public SeededRandom Random { get; }

    /// <summary>The seed in force.</summary>
    public int Seed => Options.Seed ?? Manifest.Search.Seed;

    /// <summary>Ends whatever is under way.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Warnings so far, each once, in the order they were given.</summary>
    public IReadOnlyList<Diagnostic> Warnings => _warnings;

    /// <summary>How long each stage took so far.</summary>
    internal IReadOnlyList<StageTime> Times => _times;

    /// <summary>The model, ready to be quantized.</summary>
    /// <exception cref="HaqException">It cannot be read or quantized.</exception>
    public QuantizableModel Model => _model ??= Timed("read", () => ReadStage.Prepare(this));

    /// <summary>What every choice costs, which choices there are, and what may be spent.</summary>
    /// <exception cref="HaqException">The budget cannot be met, or a layer's entry is wrong.</exception>
    public Pricing Pricing => _pricing ??= Timed("price", () => PriceStage.Run(this));

    /// <summary>The data sets.</summary>
    /// <exception cref="HaqException">There is no data, or it cannot be read.</exception>
    public DatasetSplit Data => _data ??= OpenData();

    /// <summary>Ranges, and the quantizer that uses them.</summary>
    public PostTrainingQuantizer Quantizer => Calibration.Quantizer;

    /// <summary>The numbers under a policy with all that the manifest asks for before training: <see cref="Quantizer"/>'s, with learned rounding where that is on.</summary>
    public QuantizedModel Quantize(Policy policy)
    {
        var quantized = Quantizer.Quantize(policy);
        return Timed("reconstruct", () => ReconstructStage.Run(this, quantized));
    }

    /// <summary>The ranges are in the cache, so that no data is needed for them.</summary>
    internal bool IsCalibrated => Options.Cache.Find(CalibrateStage.KeyOf(this)) is not null;

    /// <summary>The key of the calibration's result.</summary>
    internal StageKey CalibrationKey => Calibration.Key;

    /// <summary>What the search measures policies on.</summary>
    public EvaluationSet SearchSet => _searchSet ??= Open(DatasetSplit.Choose(Data.Search, Manifest.Search.Samples, Random.Fork("search samples")));

    /// <summary>What reports quote: images that no choice was made on.</summary>
    public EvaluationSet ReportedSet => _reportedSet ??= Open(Data.Reported);

    private Calibrated Calibration => _calibrated ??= Timed("calibrate", () => CalibrateStage.Run(this));

    /// <summary>All free layers at one width, pinned ones as they are; null where the hardware cannot compute with it.</summary>
    public Policy? UniformPolicy(int bits) => Uniform.Of(this, bits);

    /// <summary>The policy of the lock file; null where there is none.</summary>
    /// <exception cref="HaqException">The lock file cannot be read, or names other layers.</exception>
    public Policy? LockedPolicy() =>
        LockFile.Read(new OutputNames(Manifest, null).Lock) is { } locked ? BuildStage.FromLock(this, locked).Policy : null;

    /// <summary>Adds a warning unless it was given already.</summary>
    public void Warn(Diagnostic warning)
    {
        if (!_warnings.Contains(warning)) _warnings.Add(warning);
    }

    /// <summary>Tells whoever watches.</summary>
    public void Report(string stage, string message, double? fraction = null, TimeSpan? remaining = null) =>
        _progress?.Report(new PipelineProgress(stage, message, fraction, remaining));

    internal T Timed<T>(string stage, Func<T> run)
    {
        var clock = Stopwatch.StartNew();
        T result = run();
        _times.Add(new StageTime(stage, clock.Elapsed));
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _searchSet?.Dispose();
        _reportedSet?.Dispose();
        _data?.Dispose();
        Options.Cache.Release();
    }

    private DatasetSplit OpenData()
    {
        var data = DataStage.Run(this);
        foreach (var warning in data.Warnings) Warn(warning);
        return data;
    }

    /// <summary>A set to evaluate on; the caller's to dispose of.</summary>
    internal EvaluationSet Open(IDataset dataset)
    {
        var set = new EvaluationSet(Source, dataset, new EvaluationOptions { Output = Manifest.Metric.Output, Workers = Options.Threads }, Cancellation);
        try
        {
            if (!_isChecked) foreach (var warning in FloatSanity.Check(Manifest, Source, set, dataset, Cancellation)) Warn(warning);
            _isChecked = true;
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }
}
