using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Haq.Build.Protocol;

/// <summary>
/// What the MSBuild task asks of the engine process. It travels in a response file, one <c>name=value</c> a line, so that neither length limits nor
/// quoting rules of any shell apply. This file is compiled into both sides.
/// </summary>
internal sealed class BuildRequest
{
    /// <summary>The verb that the task starts the tool with; hidden from its help.</summary>
    public const string Verb = "build-host";

    /// <summary>Begins a line of the engine's output that is of passing interest, shown from normal verbosity on.</summary>
    public const string ProgressMark = "  Haq ... ";

    /// <summary>Begins a line that is shown at minimal verbosity too.</summary>
    public const string NoticeMark = "  Haq: ";

    /// <summary>The project's folder, absolute.</summary>
    public string ProjectDirectory { get; set; } = "";

    /// <summary>Where state, lock and outputs go, absolute; usually <c>obj/haq</c>.</summary>
    public string ObjectDirectory { get; set; } = "";

    /// <summary>Everything besides the contents of files that decides the result.</summary>
    public string ToolKey { get; set; } = "";

    /// <summary>The process that asks; without it the engine stops. 0: nobody is watched.</summary>
    public int ParentProcess { get; set; }

    /// <summary>When this file appears the engine stops, keeps what it found, and deletes the file.</summary>
    public string CancelFile { get; set; } = "";

    /// <summary>The stage cache's folder; empty for the user's own.</summary>
    public string CacheDirectory { get; set; } = "";

    /// <summary>The server behind the stage cache; empty for what the environment says, <c>off</c> for none.</summary>
    public string RemoteCache { get; set; } = "";

    /// <summary>Whether anything is sent there; empty for what the environment says.</summary>
    public string RemoteCacheMode { get; set; } = "";

    /// <summary>The cluster whose workers score policies; empty for what the environment says, <c>off</c> for none.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>Whether the lock file decides and nothing is searched.</summary>
    public bool Locked { get; set; }

    /// <summary>Whether the command may be started that measures candidates on the device.</summary>
    public bool Measure { get; set; }

    /// <summary>The search strategy in place of the manifests'; empty keeps theirs.</summary>
    public string Strategy { get; set; } = "";

    /// <summary>The manifests, absolute.</summary>
    public List<string> Manifests { get; } = new List<string>();

    /// <summary>What was built last.</summary>
    public string StateFile => System.IO.Path.Combine(ObjectDirectory, "haq.state");

    /// <summary>Held by whoever builds this project.</summary>
    public string LockFile => System.IO.Path.Combine(ObjectDirectory, "lock");

    /// <summary>Begins the names of the files that requests travel in.</summary>
    public const string FilePrefix = "request.";

    /// <summary>Begins the names of cancel files.</summary>
    public const string CancelPrefix = "cancel.";

    /// <summary>The response file's text.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        Line("project", ProjectDirectory);
        Line("obj", ObjectDirectory);
        Line("key", ToolKey);
        Line("parent", ParentProcess.ToString(CultureInfo.InvariantCulture));
        Line("cancel", CancelFile);
        Line("cache", CacheDirectory);
        Line("remote", RemoteCache);
        Line("remote-mode", RemoteCacheMode);
        Line("cluster", Cluster);
        Line("locked", Locked ? "true" : "false");
        Line("measure", Measure ? "true" : "false");
        Line("strategy", Strategy);
        foreach (string manifest in Manifests) Line("manifest", manifest);
        return text.ToString();

        void Line(string name, string value) => text.Append(name).Append('=').Append(value).Append('\n');
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">A line is not of this protocol: task and engine are of different packages.</exception>
    public static BuildRequest Parse(IEnumerable<string> lines)
    {
        var request = new BuildRequest();
        foreach (string line in lines)
        {
            if (line.Length == 0) continue;
            int equals = line.IndexOf('=');
            string name = equals < 0 ? line : line.Substring(0, equals);
            string value = line.Substring(equals + 1);
            switch (name)
            {
                case "project": request.ProjectDirectory = value; break;
                case "obj": request.ObjectDirectory = value; break;
                case "key": request.ToolKey = value; break;
                case "parent": request.ParentProcess = Number(value); break;
                case "cancel": request.CancelFile = value; break;
                case "cache": request.CacheDirectory = value; break;
                case "remote": request.RemoteCache = value; break;
                case "remote-mode": request.RemoteCacheMode = value; break;
                case "cluster": request.Cluster = value; break;
                case "locked": request.Locked = Flag(value, line); break;
                case "measure": request.Measure = Flag(value, line); break;
                case "strategy": request.Strategy = value; break;
                case "manifest": request.Manifests.Add(value); break;
                default: throw Foreign(line);
            }
        }
        return request;
    }

    private static bool Flag(string value, string line) => value == "true" || (value == "false" ? false : throw Foreign(line));

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Foreign("parent=" + value);

    private static FormatException Foreign(string line) => new FormatException("'" + line + "' is not part of a build request.");
}
