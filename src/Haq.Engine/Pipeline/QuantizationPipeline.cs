using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Manifest;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;

namespace Haq.Engine.Pipeline;

/// <summary>
/// A manifest in, a quantized model and its report out: read, price, calibrate, search, fine-tune, export, report. What was computed before comes from
/// the cache; while haq.lock.json is up to date its policy stands, and nothing is searched.
/// </summary>
public static class QuantizationPipeline
{
    private const string LockName = "lock.json";

    /// <summary>Runs every stage that is needed and places the outputs.</summary>
    /// <exception cref="HaqException">Something is wrong with what was read, or with the machine; nothing is left half-written.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; the best policy so far is where the outputs go, and the search can go on.</exception>
    public static PipelineResult Run(PipelineOptions options, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return SteadyInputs.Run(options.Manifest, options.Cache.Root, inputs => RunOnce(options, inputs, progress, cancellation), progress, cancellation);
    }

    private static PipelineResult RunOnce(PipelineOptions asked, InputLedger inputs, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        using var workspace = Workspace.Open(asked, inputs, progress, cancellation);
        var options = workspace.Options;
        var names = new OutputNames(workspace.Manifest, options.OutputFolder);
        var locked = UsableLock(workspace, names.Lock);
        if (locked is not null) workspace.Inputs.Assume(locked);
        var plain = KeyOf(workspace, policy: null);
        string? folder = options.Cache.Find(plain) is { } known && Agrees(known, locked) ? known : null;
        bool fromCache = folder is not null;
        if (folder is null)
        {
            var key = locked is null ? plain : KeyOf(workspace, locked.Output);
            fromCache = options.Cache.Find(key) is not null;
            folder = options.Cache.GetOrCreate(
                key, dir => BuildStage.Run(workspace, names, locked, dir, Path.Combine(dir, LockName)),
                () => workspace.Report("wait", "waiting for another build of the same model"), cancellation);
        }
        return Place(workspace, names, folder, fromCache);
    }

    private static LockFile? UsableLock(Workspace workspace, string path)
    {
        var options = workspace.Options;
        if (IsTrial(workspace)) return null;
        workspace.Inputs.Watch(path);
        var found = LockFile.Read(path);
        if (found is null)
        {
            if (!options.Locked) return null;
            throw DiagnosticCatalog.LockMissing.Error(options.Manifest, $"there is no {Path.GetFileName(path)} to build from. Build once without the lock and commit the file.");
        }
        var outdated = Outdated(workspace, found);
        if (outdated.Count == 0) return found;
        if (!options.Locked) return null;
        throw DiagnosticCatalog.LockOutOfDate.Error(
            options.Manifest, $"{Path.GetFileName(path)} is out of date: {string.Join(", ", outdated)} changed since it was written. Build once without the lock and commit the file.");
    }

    // A policy or a format that somebody tries out is no decision of the project's.
    private static bool IsTrial(Workspace workspace) => workspace.Options.Policy is not null || workspace.IsFormatOverridden;

    private static List<string> Outdated(Workspace workspace, LockFile locked)
    {
        var outdated = locked.Outdated(workspace.Inputs.Inputs).ToList();
        if (locked.Engine.Digest != EngineIdentity.Digest) outdated.Add("the engine");
        if (workspace.Options.Strategy is { } strategy && locked.Search.Strategy != strategy) outdated.Add("the strategy");
        if (locked.Search.Seed != (ulong)workspace.Seed) outdated.Add("the seed");
        return outdated;
    }

    private static bool Agrees(string folder, LockFile? locked) => locked is null || LockFile.Read(Path.Combine(folder, LockName))?.Output == locked.Output;

    private static StageKey KeyOf(Workspace workspace, string? policy)
    {
        var options = workspace.Options;
        using var key = new StageKeyBuilder("result", StageVersions.Result);
        key.Add("engine", EngineIdentity.Digest);
        foreach (var (role, input) in workspace.Inputs.Inputs) key.Add(role, input.Sha256 ?? "");
        key.Add("format", workspace.Manifest.Format.ToString()).Add("strategy", options.Strategy ?? "").Add("sensitivity", options.Sensitivity?.ToString() ?? "").Add("episodes", options.Episodes?.ToString(CultureInfo.InvariantCulture) ?? "");
        key.Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture)).Add("threads", options.Threads.ToString(CultureInfo.InvariantCulture));
        key.Add("given", options.Policy is { } given ? given(workspace.Model.Items).Digest : "").Add("locked", policy ?? "");
        return key.Build();
    }

    private static PipelineResult Place(Workspace workspace, OutputNames names, string folder, bool fromCache)
    {
        var outputs = new List<PipelineOutput>();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (KindOf(name, names) is not { } kind) continue;
            string target = Path.Combine(names.Folder, name);
            AtomicFile.Copy(file, target);
            outputs.Add(new PipelineOutput(kind, target));
        }
        outputs.Sort((a, b) => string.CompareOrdinal(Rank(a.Kind), Rank(b.Kind)));
        if (!IsTrial(workspace) && !workspace.Options.Locked) Deliver(workspace, Path.Combine(folder, LockName), names.Lock);
        var report = JsonReport.ReadFile(Path.Combine(names.Folder, names.Json));
        var gate = BuildGate.Of(report, workspace.Manifest.Gate == GateMode.Warning, new SourceLocation(workspace.Manifest.File));
        var warnings = WarningsOf(report, workspace);
        if (gate is { Descriptor.IsWarning: true }) warnings.Add(gate);
        return new PipelineResult(outputs, [.. workspace.Inputs.Files.Append(names.Lock).Distinct(StringComparer.Ordinal)], warnings, report, fromCache)
        {
            Records = workspace.Inputs.Records, BrokenGate = gate is { Descriptor.IsWarning: false } ? gate : null,
        };

        static string Rank(string kind) => kind == "model" ? "" : kind;
    }

    // What the lock file said was read before; an edit since then, or one right after it was written, is not lost.
    private static void Deliver(Workspace workspace, string made, string path)
    {
        workspace.Inputs.RequireUnchanged();
        byte[] content = LockFile.InStyleOf(path, File.ReadAllBytes(made));
        if (!AtomicFile.Write(path, content)) return;
        workspace.Inputs.Wrote(path);
        if (workspace.Inputs.DigestOf(path) != Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))) workspace.Inputs.Discredit(path);
    }

    // From the report, so that a result out of the cache warns as the build that made it did.
    private static List<Diagnostic> WarningsOf(ReportModel report, Workspace workspace)
    {
        var warnings = new List<Diagnostic>();
        foreach (var fact in report.Warnings)
        {
            if (DiagnosticCatalog.All.FirstOrDefault(d => d.Code == fact.Code) is not { } descriptor) continue;
            string? file = fact.File == Path.GetFileName(workspace.Manifest.File) ? workspace.Manifest.File : fact.File;
            warnings.Add(descriptor.At(file is null ? null : new SourceLocation(file, fact.Line ?? 0, fact.Column ?? 0), fact.Message));
        }
        return warnings;
    }

    private static string? KindOf(string name, OutputNames names) =>
        name == names.Model ? "model"
        : name == names.Html ? "report"
        : name == names.Json ? "report-json"
        : name == names.Policy ? "policy"
        : name.StartsWith(names.Model, StringComparison.Ordinal) ? "data"
        : null;
}
