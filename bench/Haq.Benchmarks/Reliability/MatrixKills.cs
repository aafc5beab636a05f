using System.Globalization;
using Haq.Cluster.Tests.Matrix;

namespace Haq.Benchmarks.Reliability;

/// <summary>
/// A matrix of tiny networks whose client and workers are killed: <c>matrix MANIFESTS KILLS [WORKERS [SEED]]</c>. Every file is compared with what a build in peace leaves.
/// </summary>
internal static class MatrixKills
{
    private const int Jobs = 4, MostShown = 20;

    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(500), s_patience = TimeSpan.FromHours(1);

    public static int Run(int manifests, int kills, int workers, int seed)
    {
        Console.WriteLine(Line($"{manifests} manifests for {MatrixFolder.PerManifest} targets, {kills} kills, {workers} workers, {Jobs} cells at a time, seed {seed}"));
        var trial = new MatrixTrial(manifests, kills, workers, seed) { Jobs = Jobs, Delay = s_delay, Patience = s_patience, Log = text => Console.WriteLine("  " + text) };
        var result = trial.Run();
        foreach (string difference in result.Differences.Take(MostShown)) Console.WriteLine("  " + difference);
        Console.WriteLine(Line($"undisturbed, without workers: {result.Undisturbed.TotalSeconds:0} s"));
        Console.WriteLine(Line($"killed {result.ClientsKilled} clients and {result.WorkersKilled} workers at work: {result.Disturbed.TotalSeconds:0} s"));
        if (workers > 0) Console.WriteLine(Line($"pieces of work by the workers that were there at the end: {result.Pieces}"));
        Console.WriteLine(Line($"files compared: {result.Compared}, different: {result.Differences.Count}"));
        int effective = result.ClientsKilled + result.WorkersKilled;
        if (effective < kills) Console.WriteLine(Line($"only {effective} of {kills} kills met a process at work: take more manifests or fewer kills"));
        return result.Differences.Count == 0 && effective == kills ? 0 : 1;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
