using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Haq.Build.Protocol;
using Haq.Engine.Files;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Haq.Build.Tasks;

/// <summary>
/// Builds the models of a project's manifests in a process of the engine's own, unless the state of the last build says that nothing changed.
/// It reads no YAML and loads no native library.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class HaqQuantize : ToolTask
{
    // The engine ends within a second unless the machine is busy; a second Ctrl-C ends it at once.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    // The engine's exit status where it was asked to stop.
    private const int Interrupted = 130;

    private readonly BuildRequest _request = new BuildRequest();
    private readonly Queue<string> _lastWords = new Queue<string>();
    private readonly TaskCompletionSource<bool> _ended = new TaskCompletionSource<bool>(), _cancelled = new TaskCompletionSource<bool>();
    private string _requestFile = "";
    private bool _started;
    private int _notices;

    /// <summary>The <c>haq.yaml</c> files.</summary>
    [Required]
    public ITaskItem[] Manifests { get; set; } = Array.Empty<ITaskItem>();

    /// <summary>The engine's assembly.</summary>
    [Required]
    public string EnginePath { get; set; } = "";

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Where state and outputs go.</summary>
    [Required]
    public string ObjectDirectory { get; set; } = "";

    /// <summary>The dotnet executable; empty to take the one on the path.</summary>
    public string DotNetHost { get; set; } = "";

    /// <summary>The SDK's runtime identifier, to tell early where there is no native library.</summary>
    public string HostRuntimeIdentifier { get; set; } = "";

    /// <summary>The stage cache; empty for the user's own.</summary>
    public string CacheDirectory { get; set; } = "";

    /// <summary>The server behind the stage cache; empty for what the environment says, <c>off</c> for none.</summary>
    public string RemoteCache { get; set; } = "";

    /// <summary>Whether anything is sent there: <c>read</c> or <c>readwrite</c>; empty for what the environment says.</summary>
    public string RemoteCacheMode { get; set; } = "";

    /// <summary>The cluster whose workers score policies; empty for what the environment says, <c>off</c> for none.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>Whether the lock file decides and nothing is searched.</summary>
    public bool Locked { get; set; }

    /// <summary>Whether the command may be started that measures candidates on the device, where a manifest asks for that.</summary>
    public bool Measure { get; set; }

    /// <summary>The search strategy in place of the manifests'.</summary>
    public string Strategy { get; set; } = "";

    /// <summary>The project that says a notice; empty for plain messages.</summary>
    public string Notices { get; set; } = "";

    /// <summary>Names what is known without building: for design-time builds, <c>--no-build</c>, and questions of referencing projects.</summary>
    public bool ReportOnly { get; set; }

    /// <summary>What was built, now or before; metadata TargetPath (below the output folder), HaqKind (model or report) and HaqManifest.</summary>
    [Output]
    public ITaskItem[] Outputs { get; private set; } = Array.Empty<ITaskItem>();

    /// <summary>Every file and folder that the outputs depend on.</summary>
    [Output]
    public ITaskItem[] Inputs { get; private set; } = Array.Empty<ITaskItem>();

    /// <inheritdoc/>
    protected override string ToolName => Path.DirectorySeparatorChar == '\\' ? "dotnet.exe" : "dotnet";

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.High;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Normal;

    /// <inheritdoc/>
    public override bool Execute()
    {
        _request.ProjectDirectory = ProjectDirectory;
        _request.ObjectDirectory = ObjectDirectory;
        _request.ToolKey = ToolKey();
        _request.ParentProcess = ThisProcess();
        _request.CancelFile = Path.Combine(ObjectDirectory, BuildRequest.CancelPrefix + Unique());
        _request.CacheDirectory = CacheDirectory;
        _request.RemoteCache = RemoteTrouble.IsKnown(BuildEngine) ? RemoteTrouble.Off : RemoteCache;
        _request.RemoteCacheMode = RemoteCacheMode;
        _request.Cluster = Cluster;
        _request.Locked = Locked;
        _request.Measure = Measure;
        _request.Strategy = Strategy;
        _request.Manifests.AddRange(Manifests.Select(m => m.GetMetadata("FullPath")));

        bool ok;
        try
        {
            ok = base.Execute();
        }
        finally
        {
            Discard(_requestFile);
        }
        if (_started && ok) Report(BuildState.Read(_request.StateFile));
        return ok && !Log.HasLoggedErrors;
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        // The engine hears of it through a file, which works alike on all systems. ToolTask kills what remains, and says so in a warning.
        _cancelled.TrySetResult(true);
        try
        {
            File.WriteAllText(_request.CancelFile, "");
            bool ended = _ended.Task.Wait(s_grace);
            File.Delete(_request.CancelFile);
            if (ended) return;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            Log.LogMessage(MessageImportance.Low, "Haq: {0}", e.Message);
        }
        base.Cancel();
    }

    /// <inheritdoc/>
    protected override int ExecuteTool(string pathToTool, string responseFileCommands, string commandLineCommands)
    {
        try
        {
            return base.ExecuteTool(pathToTool, responseFileCommands, commandLineCommands);
        }
        finally
        {
            _ended.TrySetResult(true);
        }
    }

    /// <inheritdoc/>
    protected override bool SkipTaskExecution()
    {
        string read = ReadState();
        var state = BuildState.Read(_request.StateFile);
        string? stale = state == null ? "there is no result yet" : state.WhyStale(_request.ToolKey, _request.Manifests, DateTime.UtcNow);
        if (!ReportOnly && stale == null && state!.IsRenewed) StateRenewal.TryWrite(_request, state, read);
        if (ReportOnly || stale == null)
        {
            Log.LogMessage(MessageImportance.Low, "Haq: the engine is not started, {0}.", stale == null ? "every model is up to date" : "models are only listed, though " + stale);
            Report(state);
            // A warning stands until its cause is gone; it does not vanish because nothing was rebuilt.
            if (!ReportOnly && state != null) foreach (string warning in state.Warnings) LogEventsFromTextOutput(warning, MessageImportance.Low);
            return true;
        }
        Log.LogMessage(MessageImportance.Normal, "Haq: the engine is started, {0}.", stale);
        _started = true;
        return !TryWriteRequest();
    }

    // Beside the state and not, as ToolTask would have it, in the system's temporary folder, which may be full or missing.
    private bool TryWriteRequest()
    {
        try
        {
            Directory.CreateDirectory(ObjectDirectory);
            _requestFile = Path.Combine(ObjectDirectory, BuildRequest.FilePrefix + Unique());
            File.WriteAllText(_requestFile, _request.Write(), new UTF8Encoding(false));
            return true;
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            Log.LogError(null, TaskDiagnostics.CannotWrite, null, HelpPages.LinkTo(TaskDiagnostics.CannotWrite), ObjectDirectory, 0, 0, 0, 0, "{0}",
                "cannot be written: " + e.Message + " Make room or grant permission, and build again.");
            return false;
        }
    }

    private string ReadState()
    {
        try
        {
            return File.Exists(_request.StateFile) ? File.ReadAllText(_request.StateFile) : "";
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            return "";
        }
    }

    private void Discard(string file)
    {
        try
        {
            if (file.Length > 0) File.Delete(file);
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            Log.LogMessage(MessageImportance.Low, "Haq: {0}", e.Message);
        }
    }

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool()
    {
        string dotnet = DotNetHost.Length > 0 ? DotNetHost : ToolName;
        if (EngineHost.Trouble(EnginePath, dotnet, HostRuntimeIdentifier) is { } trouble)
        {
            Log.LogError(null, trouble.Key, null, HelpPages.LinkTo(trouble.Key), null, 0, 0, 0, 0, "{0}", trouble.Value);
            return "";
        }
        return dotnet;
    }

    /// <inheritdoc/>
    protected override string GetWorkingDirectory() => ProjectDirectory;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands() => "exec \"" + EnginePath + "\" " + BuildRequest.Verb + " \"@" + _requestFile + "\"";

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        var diagnostic = DiagnosticLine.Parse(singleLine);
        if (diagnostic == null)
        {
            if (_lastWords.Count == 5) _lastWords.Dequeue();
            _lastWords.Enqueue(singleLine);
            bool progress = singleLine.StartsWith(BuildRequest.ProgressMark, StringComparison.Ordinal);
            if (!progress && singleLine.StartsWith(BuildRequest.NoticeMark, StringComparison.Ordinal) && Notices.Length > 0)
            {
                Say(singleLine.Substring(BuildRequest.NoticeMark.Length));
                return;
            }
            Log.LogMessage(progress ? MessageImportance.Normal : messageImportance, "{0}", singleLine);
            return;
        }
        if (RemoteTrouble.IsOne(diagnostic.Code)) RemoteTrouble.Remember(BuildEngine);
        if (diagnostic.IsError)
            Log.LogError(null, diagnostic.Code, null, HelpPages.LinkTo(diagnostic.Code), diagnostic.Origin, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
        else
            Log.LogWarning(null, diagnostic.Code, null, HelpPages.LinkTo(diagnostic.Code), diagnostic.Origin, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
    }

    // The number keeps MSBuild from taking the second of two equal notices for built already.
    private void Say(string notice)
    {
        var properties = new Hashtable { ["HaqNotice"] = Escape(notice), ["HaqNoticeNumber"] = _notices++.ToString(CultureInfo.InvariantCulture) };
        BuildEngine.BuildProjectFile(Notices, new[] { "Say" }, properties, new Hashtable());
    }

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors()
    {
        // Ctrl-C reaches the engine at once and this task through MSBuild. The engine's warning says what is kept.
        if (ExitCode == Interrupted)
        {
            if (!_cancelled.Task.Wait(s_grace))
            {
                Log.LogError(null, TaskDiagnostics.EngineStopped, null, HelpPages.LinkTo(TaskDiagnostics.EngineStopped), null, 0, 0, 0, 0, "{0}",
                    "somebody told the engine to stop while the build went on, so that models are missing. Build again.");
            }

            return false;
        }
        // The engine has said what is wrong; MSBuild's own "exited with code 2" would add nothing.
        if (!Log.HasLoggedErrors)
        {
            Log.LogError(null, TaskDiagnostics.EngineDefect, null, HelpPages.LinkTo(TaskDiagnostics.EngineDefect), null, 0, 0, 0, 0, "{0}",
                "the engine ended with exit status " + ExitCode.ToString(CultureInfo.InvariantCulture) + " and gave no reason. Its last words: " + string.Join(" | ", _lastWords));
        }

        return false;
    }

    // By the process the engine tells what a killed one left.
    private static string Unique() => ThisProcess().ToString(CultureInfo.InvariantCulture) + "." + Guid.NewGuid().ToString("N");

    private static int ThisProcess()
    {
        using (var process = Process.GetCurrentProcess()) return process.Id;
    }

    private void Report(BuildState? state)
    {
        if (state == null)
        {
            Inputs = Manifests;
            return;
        }
        Inputs = state.Inputs.Keys.Select(path => (ITaskItem)new TaskItem(Escape(path))).ToArray();
        Outputs = state.Outputs.Where(output => File.Exists(output.Path)).Select(Item).ToArray();
    }

    private static ITaskItem Item(BuildOutput output)
    {
        var item = new TaskItem(Escape(output.Path));
        item.SetMetadata("TargetPath", Escape(output.Target));
        item.SetMetadata("HaqKind", output.Kind);
        item.SetMetadata("HaqManifest", Escape(output.Manifest));
        return item;
    }

    /// <summary>A path in the form that MSBuild's items take: its special characters by their codes, '%' before the others.</summary>
    private static string Escape(string path)
    {
        var text = new StringBuilder(path).Replace("%", "%25");
        foreach (char special in "$@;'()*?") text.Replace(special.ToString(), "%" + ((int)special).ToString("X2", CultureInfo.InvariantCulture));
        return text.ToString();
    }

    /// <summary>The engine's content hash, written when it was packed, and the options; for an engine that was never packed, that of its assembly.</summary>
    private string ToolKey()
    {
        string keyFile = Path.Combine(Path.GetDirectoryName(EnginePath) ?? "", "engine.sha256");
        string engine;
        if (File.Exists(keyFile))
        {
            engine = File.ReadAllText(keyFile).Trim();
        }
        else
        {
            engine = ContentDigest.Of(EnginePath);
        }
        return engine + ";locked=" + (Locked ? "true" : "false") + ";strategy=" + Strategy + (Measure ? ";measure" : "");
    }
}
