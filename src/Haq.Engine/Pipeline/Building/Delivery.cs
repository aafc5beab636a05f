using System.Security.Cryptography;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Checks;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Brings a result's files to where the manifest wants them.</summary>
internal static class Delivery
{
    private const int ReadOnlyFileSystem = 30;

    public static PipelineResult Place(Workspace workspace, OutputNames names, string folder, string lockPath, bool fromCache)
    {
        var outputs = new List<PipelineOutput>();
        foreach (string path in (string[])[.. new[] { names.Model, names.Html, names.Json, names.Policy }.Select(name => Path.Combine(folder, name)), lockPath])
            if (!File.Exists(path)) throw new FileNotFoundException($"'{path}' is gone from the cache", path);
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (KindOf(name, names) is not { } kind) continue;
            string target = Path.Combine(names.Folder, name);
            AtomicFile.Copy(file, target);
            outputs.Add(new PipelineOutput(kind, target));
        }
        outputs.Sort((a, b) => string.CompareOrdinal(Rank(a.Kind), Rank(b.Kind)));
        var unwritten = BuildLock.IsTrial(workspace) || workspace.Options.Locked ? null : Deliver(workspace.Inputs, lockPath, names.Lock);
        // Whoever asks whether this build is up to date has to build again.
        if (!workspace.Options.Locked && LockFile.Read(lockPath)?.Regions is { IsUndecided: true }) workspace.Inputs.Discredit(names.Lock);
        var report = JsonReport.ReadFile(Path.Combine(names.Folder, names.Json));
        string[] inputs = [.. workspace.Inputs.Files.Append(names.Lock).Distinct(StringComparer.Ordinal)];
        Diagnostic[] gates = [.. BuildGate.Of(report, workspace.Manifest.Gate == GateMode.Warning, new SourceLocation(workspace.Manifest.File))];
        var warnings = WarningsOf(report, workspace.Manifest.File);
        warnings.AddRange(gates.Where(g => g.Descriptor.IsWarning));
        if (unwritten is not null) warnings.Add(unwritten);
        return new PipelineResult(outputs, inputs, warnings, report, fromCache)
        {
            Records = workspace.Inputs.Records, BrokenGates = [.. gates.Where(g => !g.Descriptor.IsWarning)],
        };

        static string Rank(string kind) => kind == "model" ? "" : kind;
    }

    // What the lock file said was read before; an edit since then, or one right after it was written, is not lost. Sources that nobody may write to, such as a read-only mount, build all the same.
    private static Diagnostic? Deliver(InputLedger inputs, string made, string path)
    {
        inputs.RequireUnchanged();
        byte[] content = LockFile.InStyleOf(path, File.ReadAllBytes(made));
        try
        {
            if (!AtomicFile.Write(path, content)) return null;
        }
        catch (HaqException e) when (IsForbidden(e.InnerException))
        {
            return DiagnosticCatalog.LockNotWritten.At(new SourceLocation(path),
                $"cannot be written, and stays {(File.Exists(path) ? "as it was" : "missing")}: {e.InnerException!.Message.TrimEnd('.')}. Build once where it can be, and commit it, so that nobody has to search again.");
        }
        inputs.Wrote(path);
        if (inputs.DigestOf(path) != Convert.ToHexStringLower(SHA256.HashData(content))) inputs.Discredit(path);
        return null;
    }

    // .NET has no exception of its own for a file system that is mounted for reading only.
    private static bool IsForbidden(Exception? cause) => cause is UnauthorizedAccessException || (cause is IOException && !OperatingSystem.IsWindows() && cause.HResult == ReadOnlyFileSystem);

    // From the report, so that a result out of the cache warns as the build that made it did.
    private static List<Diagnostic> WarningsOf(ReportModel report, string manifest)
    {
        var warnings = new List<Diagnostic>();
        foreach (var fact in report.Warnings)
        {
            if (DiagnosticCatalog.All.FirstOrDefault(d => d.Code == fact.Code) is not { } descriptor) continue;
            string? file = fact.File == Path.GetFileName(manifest) ? manifest : fact.File;
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
