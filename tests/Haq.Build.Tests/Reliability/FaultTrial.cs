using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline;

namespace Haq.Build.Reliability;

/// <summary>
/// Builds into which something goes wrong, each in a project of its own. After every one the next build, left in peace, must give what an
/// undisturbed one gives byte for byte, leave nothing behind, and the
/// disturbed one must have ended well, have been killed, or have said in one line what is wrong.
/// </summary>
internal sealed class FaultTrial
{
    private readonly SeededRandom _random;
    private readonly string? _shim;
    private readonly byte[] _expected;
    private readonly TimeSpan _usual;

    /// <param name="seed">Chooses the moments.</param>
    /// <param name="shim">The compiled <c>eng/faults/shim.c</c>; null where there is no compiler.</param>
    public FaultTrial(int seed, string? shim)
    {
        (_random, _shim) = (new SeededRandom((ulong)seed), shim);
        using var undisturbed = new TrialProject();
        undisturbed.Build();
        _expected = File.ReadAllBytes(undisturbed.Output);
        // The quickest of three: a moment after the end is no fault.
        _usual = Enumerable.Range(0, 3).Min(_ =>
        {
            using var timed = new TrialProject();
            return EngineProcess.Run(timed.Request).Elapsed;
        });
    }

    /// <summary>The kinds that can be tried here.</summary>
    public IReadOnlyList<string> Kinds => [.. All().Where(k => k.NeedsShim == false || _shim is not null).Select(k => k.Name)];

    /// <summary>How the disturbed builds of all trials so far ended: whether the faults had any force.</summary>
    public SortedDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>One trial.</summary>
    /// <returns>What is wrong, or null where all is well.</returns>
    public string? Run(string kind)
    {
        using var project = new TrialProject();
        var (_, _, disturb) = All().Single(k => k.Name == kind);
        var disturbed = disturb(project);
        string how = disturbed.ExitCode switch { null => "killed", 0 => "ended well", _ => "refused" };
        Outcomes[how] = Outcomes.GetValueOrDefault(how) + 1;
        if (Judge(disturbed) is { } wrong) return wrong;
        var next = EngineProcess.Run(project.Request);
        if (next.ExitCode != 0) return $"the next build failed: {next.Said.Trim()}";
        if (!File.ReadAllBytes(project.Output).AsSpan().SequenceEqual(_expected)) return "the next build gave something else";
        return project.Leftovers() is [var left, ..] ? $"'{left}' was left" : null;
    }

    private static string? Judge(EngineEnd end)
    {
        if (end.IsOrphaned) return "the engine outlived its build";
        if (end.ExitCode is null or 0) return null;
        return end.Errors is [var line] && !line.Contains("HAQ0883", StringComparison.Ordinal) ? null : $"it said, with status {end.ExitCode}: {end.Said.Trim()}";
    }

    private (string Name, bool NeedsShim, Func<TrialProject, EngineEnd> Disturb)[] All() =>
    [
        ("kill the engine", false, p => EngineProcess.Run(p.Request, killAfter: Moment())),
        ("kill the asker", false, p => EngineProcess.Run(p.Request, killAfter: Moment(), killParent: true)),
        ("kill one of two", false, KillOneOfTwo),
        ("disk full", true, p => Shimmed(p, $"write:{1 + _random.Next(120)}")),
        ("read error", true, p => Shimmed(p, $"read:{1 + _random.Next(6)}", _random.Next(2) == 0 ? "images.npy" : "tiny.onnx")),
        ("no locks", true, p => Shimmed(p, "lock")),
        ("clock ahead", true, p => Shimmed(p, $"clock:{1 + _random.Next(1_000_000)}")),
        ("clock behind", true, p => Shimmed(p, $"clock:-{1 + _random.Next(1_000_000)}")),
        ("growing data", false, Grow),
        ("cache removed", false, p => While(p, () => Remove(p.Cache))),
        ("cache pruned", false, p => While(p, () => new StageCache(p.Cache).Prune(0))),
        ("cache damaged", false, Damage),
        ("file instead of the cache", false, FileForCache),
        ("folder instead of a lock", false, FolderForLock),
        ("no temporary folder", false, p => EngineProcess.Run(p.Request, environment: new Dictionary<string, string> { ["TMPDIR"] = "/nowhere" })),
        ("another umask", false, p => EngineProcess.Run(p.Request, umask: "077", killAfter: _random.Next(2) == 0 ? Moment() : null)),
    ];

    private TimeSpan Moment() => _usual * _random.NextDouble();

    private EngineEnd Shimmed(TrialProject project, string fault, string path = "") => EngineProcess.Run(project.Request, environment: new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = _shim!, ["HAQ_FAULT"] = fault, ["HAQ_FAULT_PATH"] = path,
    });

    private EngineEnd KillOneOfTwo(TrialProject project)
    {
        using var other = new TrialProject(cache: project.Cache);
        var moment = Moment();
        var killed = Task.Run(() => EngineProcess.Run(other.Request, killAfter: moment));
        var end = EngineProcess.Run(project.Request);
        killed.Wait();
        return end;
    }

    // As a download or a training script writes: piece by piece, over what was there.
    private EngineEnd Grow(TrialProject project)
    {
        byte[] whole = File.ReadAllBytes(project["images.npy"]);
        var pause = Moment() / 8;
        File.WriteAllBytes(project["images.npy"], whole[..(whole.Length / 8)]);
        var writer = Task.Run(() =>
        {
            for (int piece = 2; piece <= 8; piece++)
            {
                Thread.Sleep(pause);
                File.WriteAllBytes(project["images.npy"], whole[..(whole.Length * piece / 8)]);
            }
        });
        var end = EngineProcess.Run(project.Request);
        writer.Wait();
        return end;
    }

    private EngineEnd While(TrialProject project, Action act)
    {
        using var done = new CancellationTokenSource();
        var moment = Moment() / 2;
        var acting = Task.Run(() =>
        {
            Thread.Sleep(moment);
            while (!done.IsCancellationRequested)
            {
                act();
                Thread.Sleep(moment / 4);
            }
        });
        var end = EngineProcess.Run(project.Request);
        done.Cancel();
        acting.Wait();
        return end;
    }

    private EngineEnd Damage(TrialProject project)
    {
        EngineProcess.Run(project.Request);
        string[] files = [.. Directory.EnumerateFiles(project.Cache, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        for (int i = 0; i < 3; i++)
        {
            string file = files[_random.Next(files.Length)];
            byte[] bytes = File.ReadAllBytes(file);
            if (bytes.Length == 0) continue;
            if (_random.Next(2) == 0) bytes = bytes[..(bytes.Length / 2)];
            else bytes[_random.Next(bytes.Length)] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
        Remove(project.Objects);
        File.Delete(project["haq.lock.json"]);
        return EngineProcess.Run(project.Request);
    }

    private static EngineEnd FileForCache(TrialProject project)
    {
        File.WriteAllText(project.Cache, "");
        var end = EngineProcess.Run(project.Request);
        File.Delete(project.Cache);
        return end;
    }

    private EngineEnd FolderForLock(TrialProject project)
    {
        EngineProcess.Run(project.Request);
        string[] locks = Directory.GetFiles(project.Cache, "*.lock", SearchOption.AllDirectories);
        string one = locks[_random.Next(locks.Length)];
        Remove(one[..^".lock".Length]);
        File.Delete(one);
        Directory.CreateDirectory(one);
        Remove(project.Objects);
        var end = EngineProcess.Run(project.Request);
        Remove(one);
        return end;
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // The engine put something into it in this moment; the next turn takes that as well.
            return;
        }
    }

    /// <summary>Compiles the shim with the machine's compiler; null where there is none.</summary>
    public static string? CompileShim(string source, string folder)
    {
        string library = Path.Combine(folder, "shim.so");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]) { RedirectStandardError = true })!;
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
