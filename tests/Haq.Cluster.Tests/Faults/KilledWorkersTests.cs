using System.Diagnostics;
using Haq.Cluster.Tests.Servers;

namespace Haq.Cluster.Tests.Faults;

/// <summary>Real workers killed at many moments of one build, and one whose disk is full.</summary>
public sealed class KilledWorkersTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    // While subjects are brought, at the first pieces and at later ones.
    [Fact]
    public void Workers_that_are_killed_one_after_the_other_lose_nothing()
    {
        var alone = _cluster.Build(withWorkers: false);
        var workers = new Queue<WorkerProcess>(_cluster.Start(2));
        int[] moments = [1, 2, 4, 7, 12, 19];
        var built = _cluster.Build(onPiece: piece =>
        {
            if (!moments.Contains(piece)) return;
            lock (workers)
            {
                workers.Dequeue().Kill();
                workers.Enqueue(_cluster.Start());
            }
        });
        built.Is(alone);
        Assert.InRange(built.Pieces, 20, int.MaxValue);
    }

    [Fact]
    public void A_worker_whose_disk_is_full_says_so_and_the_other_one_does_the_work()
    {
        bool canMount = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && ServerProcess.Find("mount", "/usr/bin", "/bin") is not null;
        Assert.SkipUnless(canMount, "a small disk can be made by root on Linux alone");
        string disk = _cluster["disk"];
        Directory.CreateDirectory(disk);
        using (var mount = Process.Start("mount", ["-t", "tmpfs", "-o", "size=8k", "tmpfs", disk])!)
        {
            mount.WaitForExit();
            Assert.SkipWhen(mount.ExitCode != 0, "no file system can be mounted here");
        }
        try
        {
            var alone = _cluster.Build(withWorkers: false);
            using var full = WorkerProcess.Start(_cluster.Environment, ["--cluster", "localhost", "--threads", "1", "--cache", disk]);
            _cluster.Start();
            var built = _cluster.Build();
            built.Is(alone);
            Assert.Contains("HAQ0972", full.Output, StringComparison.Ordinal);
            Assert.Contains(built.Warnings, w => w.Descriptor.Code == "HAQ1971");
        }
        finally
        {
            ServerProcess.Run("umount", "-l", disk);
        }
    }
}
