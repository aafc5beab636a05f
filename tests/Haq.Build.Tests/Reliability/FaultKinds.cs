using System.Globalization;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Running;

namespace Haq.Build.Reliability;

/// <summary>What can go wrong in a build.</summary>
/// <param name="random">Chooses the moments.</param>
/// <param name="usual">How long a build takes.</param>
/// <param name="shim">The library that makes system calls fail; null where there is none.</param>
internal sealed class FaultKinds(SeededRandom random, TimeSpan usual, string? shim)
{
    /// <summary>Those that can be made here, by name.</summary>
    public IReadOnlyList<(string Name, Func<TrialProject, EngineEnd> Disturb)> All =>
    [
        ("kill the engine", p => EngineProcess.Run(p.Request, killAfter: Moment())),
        ("kill the asker", p => EngineProcess.Run(p.Request, killAfter: Moment(), killParent: true)),
        ("kill one of two", KillOneOfTwo),
        .. shim is null ? [] : Shimmed(shim),
        ("growing data", Grow),
        ("cache removed", p => While(p, () => Remove(p.Cache))),
        ("cache pruned", p => While(p, () => new StageCache(p.Cache).Prune(0))),
        ("cache damaged", Damage),
        ("file instead of the cache", FileForCache),
        ("folder instead of a lock", FolderForLock),
        ("no temporary folder", p => EngineProcess.Run(p.Request, environment: new Dictionary<string, string> { ["TMPDIR"] = "/nowhere" })),
        ("another umask", p => EngineProcess.Run(p.Request, umask: "077", killAfter: random.Next(2) == 0 ? Moment() : null)),
        .. OtherUser.IsAvailable ? Users() : [],
    ];

    private IEnumerable<(string Name, Func<TrialProject, EngineEnd> Disturb)> Shimmed(string library) =>
    [
        ("disk full", p => FaultShim.Run(library, p, Numbered("write", 1 + random.Next(120)))),
        ("read error", p => FaultShim.Run(library, p, Numbered("read", 1 + random.Next(6)), random.Next(2) == 0 ? "images.npy" : "tiny.onnx")),
        ("no locks", p => FaultShim.Run(library, p, "lock")),
        ("clock ahead", p => FaultShim.Run(library, p, Numbered("clock", 1 + random.Next(1_000_000)))),
        ("clock behind", p => FaultShim.Run(library, p, Numbered("clock", -1 - random.Next(1_000_000)))),
        ("clock steps", p => FaultShim.Run(library, p, Numbered("step", (random.Next(2) == 0 ? 1 : -1) * (1 + random.Next(100_000))))),
    ];

    private IEnumerable<(string Name, Func<TrialProject, EngineEnd> Disturb)> Users() =>
    [
        ("two users one cache", TwoUsers),
        ("read-only cache", ReadOnly),
    ];

    private static string Numbered(string fault, long number) => string.Create(CultureInfo.InvariantCulture, $"{fault}:{number}");

    private TimeSpan Moment() => usual * random.NextDouble();

    private EngineEnd KillOneOfTwo(TrialProject project)
    {
        using var other = new TrialProject(cache: project.Cache);
        var moment = Moment();
        var killed = Task.Run(() => EngineProcess.Run(other.Request, killAfter: moment));
        var end = EngineProcess.Run(project.Request);
        return end with { IsEffective = killed.Result.ExitCode is null };
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
            string file = files[random.Next(files.Length)];
            byte[] bytes = File.ReadAllBytes(file);
            if (bytes.Length == 0) continue;
            if (random.Next(2) == 0) bytes = bytes[..(bytes.Length / 2)];
            else bytes[random.Next(bytes.Length)] ^= 1;
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
        string one = locks[random.Next(locks.Length)];
        Remove(one[..^".lock".Length]);
        File.Delete(one);
        Directory.CreateDirectory(one);
        Remove(project.Objects);
        var end = EngineProcess.Run(project.Request);
        Remove(one);
        return end;
    }

    // The second finds what the first one left, finished or not, readable or not.
    private EngineEnd TwoUsers(TrialProject project)
    {
        using var other = new TrialProject(cache: project.Cache);
        OtherUser.Share(project.Cache);
        OtherUser.Own(other, OtherUser.First);
        OtherUser.Own(project, OtherUser.Second);
        string[] masks = random.Next(2) == 0 ? ["077", "022"] : ["022", "077"];
        EngineProcess.Run(other.Request, killAfter: random.Next(2) == 0 ? Moment() : null, umask: masks[0], user: OtherUser.First);
        return EngineProcess.Run(project.Request, umask: masks[1], user: OtherUser.Second);
    }

    // Another user's, whole or with a part of the entries gone.
    private EngineEnd ReadOnly(TrialProject project)
    {
        using var other = new TrialProject(cache: project.Cache);
        EngineProcess.Run(other.Request);
        foreach (string stage in Directory.GetDirectories(project.Cache).Where(_ => random.Next(3) == 0)) Remove(stage);
        OtherUser.Own(project, OtherUser.First);
        OtherUser.Protect(project.Cache, isProtected: true);
        var end = EngineProcess.Run(project.Request, user: OtherUser.First);
        OtherUser.Protect(project.Cache, isProtected: false);
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
}
