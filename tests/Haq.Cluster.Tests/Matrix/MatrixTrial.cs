using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Numerics;

namespace Haq.Cluster.Tests.Matrix;

/// <summary>
/// A matrix that is built by one process in peace, and once more by processes that are killed after a chosen number of finished cells, through workers that are killed as well: what is different then.
/// </summary>
/// <param name="manifests">How many, each for three targets.</param>
/// <param name="kills">How many.</param>
/// <param name="workers">Real workers on this machine; 0 for none.</param>
/// <param name="seed">Chooses whom, and after how many cells.</param>
internal sealed class MatrixTrial(int manifests, int kills, int workers, int seed)
{
    private readonly SeededRandom _random = new((ulong)seed);

    /// <summary>Cells at a time.</summary>
    public int Jobs { get; init; } = 2;

    /// <summary>The longest moment between a cell's end and the kill.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long a run may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told what happens.</summary>
    public Action<string> Log { get; init; } = _ => { };

    public MatrixTrialResult Run()
    {
        var result = new MatrixTrialResult();
        using var peaceful = new MatrixFolder(manifests);
        var clock = Stopwatch.StartNew();
        using (var alone = Build(peaceful, withWorkers: false)) RequireSuccess(alone);
        result.Undisturbed = clock.Elapsed;
        Log($"undisturbed: {clock.Elapsed.TotalSeconds:0.0} s");

        using var disturbed = new MatrixFolder(manifests);
        var crew = Enumerable.Range(0, workers).Select(i => Worker(disturbed, i)).ToArray();
        try
        {
            foreach (var worker in crew) RequireConnected(worker);
            clock.Restart();
            Disturb(disturbed, crew, result);
            result.Disturbed = clock.Elapsed;
            foreach (var worker in crew) result.Pieces += PiecesOf(worker);
        }
        finally
        {
            foreach (var worker in crew) worker.Dispose();
        }
        var (expected, found) = (peaceful.Files(), disturbed.Files());
        result.Compared = expected.Count;
        result.Differences = [.. MatrixFile.Differences(expected, found), .. disturbed.Unfinished().Select(path => $"{path} was left")];
        return result;
    }

    private void Disturb(MatrixFolder folder, HaqProcess[] crew, MatrixTrialResult result)
    {
        var client = Build(folder, workers > 0);
        try
        {
            int left = manifests * MatrixFolder.PerManifest, seen = 0;
            for (int kill = 0; kill < kills; kill++)
            {
                // On average as many cells between any two kills, one at least, and not the last.
                int more = 1 + _random.Next(Math.Clamp(2 * left / (kills - kill + 1), 1, Math.Max(1, left - 1)));
                // As often the client as any worker.
                int victim = workers > 0 && _random.Next(2) > 0 ? _random.Next(workers) : -1;
                if (!client.WaitFor(HaqLines.Finished(), seen + more)) break;
                Thread.Sleep(Delay * _random.NextDouble());
                int now = client.Count(HaqLines.Finished());
                (left, seen) = (left - (now - seen), now);
                if (victim >= 0)
                {
                    if (crew[victim].Kill()) result.WorkersKilled++;
                    Log($"{Left(left)}: worker {victim + 1} killed");
                    crew[victim].Dispose();
                    crew[victim] = Worker(folder, victim);
                    RequireConnected(crew[victim]);
                    continue;
                }
                bool isEffective = client.Kill();
                Log($"{Left(left)}: the client {(isEffective ? "killed" : "had ended before it was to be killed")}");
                if (!isEffective) break;
                result.ClientsKilled++;
                client.Dispose();
                (client, seen) = (Build(folder, workers > 0), 0);
            }
            RequireSuccess(client);
        }
        finally
        {
            client.Dispose();
        }
    }

    private HaqProcess Build(MatrixFolder folder, bool withWorkers) => folder.Quantize(Patience, Jobs, withWorkers ? ["--cluster", "localhost"] : []);

    private HaqProcess Worker(MatrixFolder folder, int number) => folder.Worker(Patience, number);

    private static void RequireSuccess(HaqProcess process)
    {
        if (process.Ended() is not 0 and var status) throw new InvalidOperationException($"the matrix ended with {status}: {process.Said}");
    }

    private static void RequireConnected(HaqProcess worker)
    {
        if (!worker.WaitFor(HaqLines.Connected(), 1)) throw new InvalidOperationException($"the worker ended: {worker.Said}");
    }

    private static int PiecesOf(HaqProcess worker)
    {
        if (worker.Terminate() is not 0 and var status) throw new InvalidOperationException($"the worker ended with {status}: {worker.Said}");
        return HaqLines.PiecesOf(worker.Said);
    }

    private static string Left(int cells) => $"{cells.ToString(CultureInfo.InvariantCulture)} cells left";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What came of a trial.</summary>
internal sealed record MatrixTrialResult
{
    /// <summary>Clients that were at work when they were killed.</summary>
    public int ClientsKilled { get; set; }

    /// <summary>Workers that were.</summary>
    public int WorkersKilled { get; set; }

    /// <summary>Pieces of work that the workers did that were there at the end.</summary>
    public int Pieces { get; set; }

    /// <summary>How long the build took in peace.</summary>
    public TimeSpan Undisturbed { get; set; }

    /// <summary>How long all builds took together that were disturbed, up to the one that ended well.</summary>
    public TimeSpan Disturbed { get; set; }

    /// <summary>Files of the build in peace.</summary>
    public int Compared { get; set; }

    /// <summary>Files that are not what they are after the build in peace.</summary>
    public IReadOnlyList<string> Differences { get; set; } = [];
}
