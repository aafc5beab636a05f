using System.Diagnostics;
using System.Globalization;
using System.Text;
using Haq.Build.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool.BuildHost;

/// <summary>
/// The engine's side of a build: builds the manifests of one project, one after the other, and writes down what they read and gave. Sessions of one
/// project exclude each other, and the second takes the first one's result.
/// </summary>
internal sealed class BuildSession(BuildRequest request, BuildModel build, TextWriter output)
{
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_noticeInterval = TimeSpan.FromSeconds(30);

    private readonly BuildState _state = new() { ToolKey = request.ToolKey };
    private string? _underWay;

    /// <summary>Runs what the arguments after the verb ask for, as its own process would.</summary>
    /// <param name="arguments">One response file, <c>@path</c>.</param>
    /// <param name="build">Builds one manifest.</param>
    /// <returns>The exit status.</returns>
    public static int Start(ReadOnlySpan<string> arguments, BuildModel build)
    {
        // What the console would take from the machine's code page, MSBuild reads as UTF-8.
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        if (arguments is not [['@', .. var file]])
        {
            output.WriteLine("haq: error HAQ0883: this verb is for Haq.Build's MSBuild task only. Use 'haq quantize'.");
            return (int)ExitCode.Usage;
        }
        BuildRequest request;
        try
        {
            request = BuildRequest.Parse(File.ReadAllLines(file));
            // The task would remove it as well, if it lives that long.
            File.Delete(file);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            output.WriteLine(DiagnosticCatalog.EngineDefect.At(new SourceLocation(file), $"this is no request that this engine knows: {e.Message} Restore again, so that task and engine are of one package."));
            return (int)ExitCode.Machine;
        }
        using var stop = new StopSignals(request);
        return (int)new BuildSession(request, build, output).Run(stop.Token);
    }

    /// <summary>Builds every manifest; errors of one do not keep the others from being looked at.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(request.ObjectDirectory);
            using var alone = FileLock.Acquire(request.LockFile, () => output.WriteLine(BuildRequest.NoticeMark + "waiting for another build of this project"), cancellation);
            RemoveLeftovers();
            if (BuiltMeanwhile()) return ExitCode.Ok;
            // What is said of the shared cache is said once, of all manifests, and not again by builds that have nothing to do.
            using var cache = UserCache.Open(request.CacheDirectory, request.RemoteCache, request.RemoteCacheMode, isProjects: true, output);
            using var cluster = UserCluster.Open(request.Cluster, isProjects: true, cache, output);
            var exit = ExitCode.Ok;
            foreach (string manifest in request.Manifests)
            {
                var result = BuildOne(manifest, cache.Stages, cluster.Workers, cancellation);
                if (exit == ExitCode.Ok) exit = result;
            }
            if (exit != ExitCode.Ok) return exit;
            RemoveFormerOutputs();
            AtomicFile.Write(request.StateFile, Encoding.UTF8.GetBytes(_state.Write()));
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            // A warning: a build that is being cancelled shows nothing less, and the terminal logger no messages at all.
            var at = new SourceLocation(_underWay ?? request.ProjectDirectory);
            output.WriteLine(DiagnosticCatalog.BuildStopped.At(at, "stopped. What was found so far is kept, and the next build goes on from there."));
            return ExitCode.Interrupted;
        }
        catch (HaqException e)
        {
            foreach (var diagnostic in e.Diagnostics) output.WriteLine(diagnostic);
            return e.Diagnostic.Descriptor.Exit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine(DiagnosticCatalog.CannotWrite.At(new SourceLocation(request.ObjectDirectory), $"{e.Message} Make room or grant permission, and build again."));
            return ExitCode.Machine;
        }
    }

    private bool BuiltMeanwhile()
    {
        if (BuildState.Read(request.StateFile) is not { } state || state.WhyStale(request.ToolKey, request.Manifests, Now) is not null) return false;
        foreach (string warning in state.Warnings) output.WriteLine(warning);
        return true;
    }

    private ExitCode BuildOne(string manifest, StageCache cache, IScoringPools? workers, CancellationToken cancellation)
    {
        _underWay = manifest;
        string folder = TargetFolder(manifest);
        var order = new ModelOrder(
            manifest, Path.Combine(request.ObjectDirectory, "out", folder), cache, request.Locked, request.Measure, NullIfEmpty(request.Strategy), workers);
        try
        {
            var built = Unwrapped(() => build(order, new ProgressLines(output, s_progressInterval, s_noticeInterval), cancellation));
            foreach (var warning in built.Warnings)
            {
                _state.Warnings.Add(warning.ToString());
                output.WriteLine(warning);
            }
            // Of two looks at one file the earlier stands: if they differ, the manifest that was built first is out of date.
            foreach (var (input, record) in built.Inputs) _state.Inputs.TryAdd(input, record);
            foreach (string model in built.Models) AddOutput(BuildOutput.Model, model, manifest);
            foreach (string report in built.Reports) AddOutput(BuildOutput.Report, report, manifest);
            output.WriteLine(BuildRequest.NoticeMark + built.Summary);
            return ExitCode.Ok;
        }
        catch (HaqException e)
        {
            foreach (var diagnostic in e.Diagnostics) output.WriteLine(diagnostic);
            return e.Diagnostic.Descriptor.Exit;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine(DiagnosticCatalog.InputOutput.At(new SourceLocation(manifest), $"reading or writing failed: {e.Message.TrimEnd('.')}. Check the disk and permissions, and build again."));
            return ExitCode.Machine;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ReportDefect(manifest, e);
        }
    }

    private static BuiltModel Unwrapped(Func<BuiltModel> build)
    {
        try
        {
            return build();
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is var cause && cause != e)
        {
            throw cause is HaqException known ? new HaqException(known.Diagnostics) : new OperationCanceledException(cause.Message, e);
        }
    }

    private void AddOutput(string kind, string path, string manifest)
    {
        string target = Path.GetRelativePath(Path.Combine(request.ObjectDirectory, "out"), path).Replace('\\', '/');
        if (_state.Outputs.Find(o => o.Target.Equals(target, StringComparison.OrdinalIgnoreCase)) is { } other)
            throw DiagnosticCatalog.OutputClash.Error(manifest, $"writes '{target}' to the output folder, and so does '{other.Manifest}'. Give one of them another 'output'.");
        _state.Outputs.Add(new BuildOutput(kind, target, path, manifest, FileRecord.Take(path, Now, digest: true)));
    }

    /// <summary>A manifest's place below the project is its model's place below the output folder; what lies elsewhere goes to the top.</summary>
    private string TargetFolder(string manifest)
    {
        string relative = Path.GetRelativePath(request.ProjectDirectory, Path.GetDirectoryName(manifest)!);
        return relative == "." || relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? "" : relative;
    }

    // A build that was killed left its request, and perhaps that to stop; their names say whose they were.
    private void RemoveLeftovers()
    {
        foreach (string prefix in (string[])[BuildRequest.FilePrefix, BuildRequest.CancelPrefix])
        {
            foreach (var file in new DirectoryInfo(request.ObjectDirectory).EnumerateFiles(prefix + "*"))
                if (file.FullName != request.CancelFile && !IsRunning(file.Name[prefix.Length..].Split('.')[0])) file.Delete();
        }
    }

    private static bool IsRunning(string process)
    {
        if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id)) return true;
        try
        {
            using var found = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private void RemoveFormerOutputs()
    {
        if (BuildState.Read(request.StateFile) is not { } former) return;
        var kept = _state.Outputs.Select(o => o.Path).ToHashSet(StringComparer.Ordinal);
        // A damaged state may name any file; what a build wrote lies there.
        string ours = Path.Combine(request.ObjectDirectory, "out") + Path.DirectorySeparatorChar;
        foreach (var output in former.Outputs)
            if (!kept.Contains(output.Path) && Path.GetFullPath(output.Path).StartsWith(ours, StringComparison.Ordinal)) File.Delete(output.Path);
    }

    private ExitCode ReportDefect(string manifest, Exception e)
    {
        string log = Path.Combine(request.ObjectDirectory, "defect.log");
        File.WriteAllText(log, e.ToString());
        bool native = e is DllNotFoundException or BadImageFormatException || e.InnerException is DllNotFoundException or BadImageFormatException;
        var what = native
            ? DiagnosticCatalog.PlatformUnsupported.At(new SourceLocation(manifest), $"ONNX Runtime's native library cannot be loaded here: {(e.InnerException ?? e).Message} Details are in '{log}'.")
            : DiagnosticCatalog.EngineDefect.At(new SourceLocation(manifest), $"the engine failed where it should not: {e.GetType().Name}: {e.Message} Please report it with '{log}'.");
        output.WriteLine(what);
        return what.Descriptor.Exit;
    }

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;
}
