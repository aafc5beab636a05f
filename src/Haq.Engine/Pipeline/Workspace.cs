using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline;

/// <summary>An opened manifest and all that follows from it, each part made when it is first asked for: what commands look at. For one caller at a time.</summary>
public sealed class Workspace : IDisposable
{
    private readonly OpenedManifest _read;

    private Workspace(PipelineOptions options, StageRunner run, OpenedManifest read) => (Options, Run, _read, Stages) = (options, run, read, new QuantizationPipeline(run, read, options));

    /// <summary>Reads the manifest and the hardware file, and takes the digest of everything that they name.</summary>
    /// <exception cref="HaqException">The manifest, the hardware file or the model's file is wrong or missing.</exception>
    public static Workspace Open(PipelineOptions options, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Open(options, SteadyInputs.Ledger(options.Manifest, options.Cache.Root, progress, cancellation), progress, cancellation);
    }

    /// <summary>The same with a ledger that the caller keeps: nothing that is made from inputs is cached once they changed.</summary>
    internal static Workspace Open(PipelineOptions options, InputLedger inputs, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new PipelineProgress("read", $"reading {Path.GetFileName(options.Manifest)}"));
        var read = OpenedManifest.Open(options, inputs);
        // Gigabytes each, where a run was killed.
        ProcessFolder.Sweep();
        return new Workspace(options, new StageRunner(options.Cache, inputs.RequireUnchanged, progress, cancellation), read);
    }

    /// <summary>What was asked for.</summary>
    public PipelineOptions Options { get; }

    /// <summary>The manifest.</summary>
    public HaqManifest Manifest => _read.Manifest;

    /// <summary>The hardware as its file declares it.</summary>
    public HardwareTarget Target => _read.Target;

    /// <summary>Everything read.</summary>
    public InputLedger Inputs => _read.Inputs;

    /// <summary>SHA-256 of the model's file; where it has external data, of that and the data together.</summary>
    public string ModelDigest => _read.ModelDigest;

    /// <summary>The seed in force.</summary>
    public int Seed => Options.Seed ?? Manifest.Search.Seed;

    /// <summary>Warnings so far, each once, in the order they were given.</summary>
    public IReadOnlyList<Diagnostic> Warnings => Run.Warnings;

    /// <summary>The model, ready to be quantized.</summary>
    /// <exception cref="HaqException">It cannot be read or quantized.</exception>
    public QuantizableModel Model => Stages.Model.Value;

    /// <summary>What every choice costs, which choices there are, and what may be spent.</summary>
    /// <exception cref="HaqException">The budget cannot be met, or a layer's entry is wrong.</exception>
    public Pricing Pricing => Stages.Pricing.Value;

    /// <summary>Ranges, and the quantizer that uses them.</summary>
    public PostTrainingQuantizer Quantizer => Stages.Quantizer.Value;

    /// <summary>What the search measures policies on.</summary>
    public EvaluationSet SearchSet => Stages.SearchSet.Value;

    /// <summary>What reports quote: images that no choice was made on.</summary>
    public EvaluationSet ReportedSet => Stages.ReportedSet.Value;

    /// <summary>The caller asked for another format than the manifest does.</summary>
    internal bool IsFormatOverridden => _read.IsFormatOverridden;

    /// <summary>What runs the stages.</summary>
    internal StageRunner Run { get; }

    /// <summary>The stages.</summary>
    internal QuantizationPipeline Stages { get; }

    /// <summary>All free layers at one width, pinned ones as they are; null where the hardware cannot compute with it.</summary>
    public Policy? UniformPolicy(LayerBits bits) => Pricing.UniformPair(bits);

    /// <summary>The policy of the lock file; null where there is none.</summary>
    /// <exception cref="HaqException">The lock file cannot be read, or names other layers.</exception>
    public Policy? LockedPolicy() => LockedChoice()?.Policy;

    /// <summary>All that the lock file decided; null where there is none.</summary>
    internal SearchOutcome? LockedChoice() => LockFile.Read(new OutputNames(Manifest, null, Options.Cell).Lock) is { } locked ? LockedDecision.Of(locked, Model, Options.Manifest) : null;

    /// <summary>A policy as a file for other manifests of the same model.</summary>
    public PolicyFile FileOf(Policy policy) => PolicyFile.Of(policy, Model.Items, ModelDigest, Target.Name);

    /// <inheritdoc/>
    public void Dispose() => Run.Dispose();
}
