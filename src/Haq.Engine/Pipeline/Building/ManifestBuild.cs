using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Placing;
using Haq.Engine.Pipeline.Stages.Quantizing;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Building;

/// <summary>One build: the lock file, the whole result out of the cache or made by the stages, and the outputs in their places.</summary>
public sealed class ManifestBuild
{
    private const string LockName = "lock.json";

    private readonly Workspace _workspace;
    private readonly QuantizationPipeline _stages;
    private readonly OutputNames _names;
    private LockFile? _locked;

    private ManifestBuild(Workspace workspace) =>
        (_workspace, _stages, _names) = (workspace, workspace.Stages, new OutputNames(workspace.Manifest, workspace.Options.OutputFolder, workspace.Options.Cell));

    /// <summary>A manifest in, a quantized model and its report out. While haq.lock.json is up to date its policy stands, and nothing is searched.</summary>
    /// <exception cref="HaqException">Something is wrong with what was read, or with the machine; nothing is left half-written.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; the best policy so far is where the outputs go, and the search can go on.</exception>
    public static PipelineResult Run(PipelineOptions options, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return SteadyInputs.Run(options.Manifest, options.Cache.Root, Once, progress, cancellation);

        PipelineResult Once(InputLedger inputs)
        {
            using var workspace = Workspace.Open(options, inputs, progress, cancellation);
            return new ManifestBuild(workspace).Run();
        }
    }

    private PipelineResult Run()
    {
        _locked = BuildLock.Usable(_workspace, _names.Lock);
        if (_locked is not null) _workspace.Inputs.Assume(_locked);
        // Whoever had everything measured keeps it.
        bool isFull = _workspace.Options.FullReport;
        string? known = Known(isFull: true) ?? (isFull ? null : Known(isFull: false));
        string folder = known ?? Result(_locked?.Output, isFull).Value;
        return Delivery.Place(_workspace, _names, folder, Path.Combine(folder, LockName), known is not null);
    }

    private string? Known(bool isFull)
    {
        if (Result(locked: null, isFull).TryGet(out string? folder) && (_locked is null || LockFile.Read(Path.Combine(folder, LockName))?.Output == _locked.Output)) return folder;
        return _locked is not null && Result(_locked.Output, isFull).TryGet(out folder) ? folder : null;
    }

    private Handle<string> Result(string? locked, bool isFull)
    {
        var asked = _workspace.Options;
        return _workspace.Run.Add(new ResultStage(), () => new ResultInputs(
            EngineIdentity.Digest, new(_workspace.Inputs.Inputs.ToDictionary(i => i.Key, i => i.Value.Sha256 ?? ""), StringComparer.Ordinal),
                _workspace.Manifest.Format, asked.Budget, asked.Strategy, asked.Sensitivity, asked.Episodes,
            _workspace.Seed, asked.Threads, asked.Agent is { } agent && File.Exists(agent) ? FileDigest.Compute(agent) : null, asked.Policy?.Invoke(_workspace.Model.Items),
                _stages.IsMeasured ? Processor.Here.Name : null, isFull, locked, DeviceChoice.Asked(_workspace), asked.Cell, Make));
    }

    private bool Make(string folder)
    {
        // A budget that cannot be met is refused before any data is read.
        _stages.Pricing.Ensure();
        var outcome = _locked is null ? MendedChoice.Of(_workspace, Choose.Policy(_workspace, KeepInterrupted)) : Locked(_locked);
        if (_locked is not null) DeviceChoice.WarnOfLock(_workspace, _locked);
        if (_locked?.Regions is { } regions && OtherMachine.Of(regions, _workspace.Manifest.File) is { } elsewhere) _workspace.Run.Warn(elsewhere);
        bool withData = _locked is null || !_workspace.Inputs.IsDataMissing;
        var quantized = withData || IsKnown(outcome.Policy) ? _stages.Quantized(outcome.Policy) : Locked(outcome.Policy);
        if (outcome.Regions is { } plan) quantized = _stages.Placed(quantized, plan.Plan);
        foreach (var warning in WideSums.Of(quantized.Value)) _workspace.Run.Warn(warning);
        var tuned = withData ? _stages.Finetuned(quantized) : null;
        var final = QuantizationPipeline.Final(quantized, tuned);
        var exported = _stages.Exported(final, Path.Combine(folder, _names.Model));
        if (_locked is not null && exported.Value.Digest != _locked.Output) throw NotReproduced(_locked, exported.Value.Digest);
        var report = _stages.Report(outcome, exported, withData ? _stages.Measured(quantized, tuned, final) : null, _workspace.Options.FullReport, _locked);
        Write(folder, outcome, final.Value, exported.Value, WithRun(report.Value));
        return (outcome.Regions is not { IsUndecided: true } && !DeviceChoice.IsOpen(_workspace, outcome.Device, outcome.NothingToMeasure)) || _locked is not null;
    }

    private void Write(string folder, SearchOutcome outcome, QuantizedModel final, Exported exported, ReportModel report)
    {
        File.WriteAllText(Path.Combine(folder, _names.Json), JsonReport.Write(report), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, _names.Html), HtmlReport.Write(report), new UTF8Encoding(false));
        File.WriteAllBytes(Path.Combine(folder, _names.Policy), _workspace.FileOf(outcome.Policy).ToBytes());
        LockFileContent.Of(_workspace, outcome, final, report, exported).Write(Path.Combine(folder, LockName));
    }

    private SearchOutcome Locked(LockFile locked)
    {
        var outcome = LockedDecision.Of(locked, _workspace.Model, _workspace.Options.Manifest);
        return outcome with { Excuse = locked.Agreement is { } found ? found.Excuse : Excuse.Of(_workspace.Manifest, outcome, _workspace.Pricing) };
    }

    // What only the run knows.
    private ReportModel WithRun(ReportModel report) => report with
    {
        Warnings = [.. _workspace.Warnings.Select(WarningFacts.Of)],
        Timings = (report.Timings ?? new TimingFacts()) with
        {
            Stages = [.. _workspace.Run.Times.Select(t => new StageTimeFacts { Stage = t.Stage, Seconds = t.Elapsed.TotalSeconds, Cached = t.IsCached })],
        },
    };

    // Calibrated, with whatever rounding was to be learned: no data is needed.
    private bool IsKnown(Policy policy) =>
        _stages.Calibration.TryGet(out _) && (_stages.Reconstructed(_stages.Calibrated(policy)) is not { } learned || learned.TryGet(out _));

    private Handle<QuantizedModel> Locked(Policy policy) => StageRunner.Given(
        "locked", () => policy, () => LockedNetwork.Of(_locked!, policy, _workspace.Model, _workspace.Inputs, _workspace.Options.Manifest));

    private HaqException NotReproduced(LockFile locked, string digest) =>
        DiagnosticCatalog.LockOutOfDate.Error(_workspace.Options.Manifest,
            $"what {Path.GetFileName(_names.Lock)} describes cannot be made again here: the model's SHA-256 is {digest[..12]}…, the lock file says {locked.Output[..Math.Min(12, locked.Output.Length)]}…. "
            + "Delete the lock file and build again.");

    private void KeepInterrupted(Policy best)
    {
        string path = Path.Combine(_names.Folder, _names.Policy);
        AtomicFile.Write(path, _workspace.FileOf(best).ToBytes());
        _workspace.Run.Report("search", $"interrupted; the best policy so far is in {path}");
    }
}
