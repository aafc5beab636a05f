using System.Diagnostics;
using Haq.Build.Reliability;

namespace Haq.Benchmarks.Reliability;

/// <summary>
/// Stale results and faults, counted: <c>stale STEPS SEED</c> and <c>faults TRIALS SEED SHIM.C [KIND]</c>, of every kind whose name begins so as
/// many trials in which the fault had any force.
/// </summary>
internal static class ReliabilityRun
{
    // A fault that never comes about is told by its count.
    private const int MostAttempts = 6;

    public static int Stale(int steps, int seed)
    {
        var clock = Stopwatch.StartNew();
        using var walk = new StaleWalk(seed, Console.Out);
        walk.Run(steps);
        foreach (var (name, count) in walk.Counts) Console.WriteLine($"{count,6}  {name}");
        Console.WriteLine($"{walk.Builds} builds, the engine started for {walk.EngineStarts}, {walk.Stale.Count} stale, {clock.Elapsed.TotalSeconds:0} s (seed {seed})");
        return walk.Stale.Count == 0 ? 0 : 1;
    }

    public static int Faults(int trials, int seed, string shimSource, string? only)
    {
        string folder = Directory.CreateTempSubdirectory("haq-shim").FullName;
        string? shim = FaultShim.Compile(shimSource, folder);
        if (shim is null) Console.WriteLine("no compiler: full disks, read errors, missing locks and clock steps are left out");
        var trial = new FaultTrial(seed, shim);
        int failed = 0;
        foreach (string kind in trial.Kinds.Where(k => only is null || k.StartsWith(only, StringComparison.Ordinal)))
        {
            var clock = Stopwatch.StartNew();
            int bad = 0, before = trial.Effective, attempts = 0;
            trial.Outcomes.Clear();
            while (trial.Effective - before < trials && attempts < MostAttempts * trials)
            {
                attempts++;
                if (trial.Run(kind) is not { } wrong) continue;
                bad++;
                Console.WriteLine($"  {kind}, trial {attempts}: {wrong}");
            }
            failed += bad;
            Console.WriteLine($"{kind}: {attempts - bad} of {attempts} survived, {trial.Effective - before} of them with force ({string.Join(", ", trial.Outcomes.Select(o => $"{o.Value} {o.Key}"))}), {clock.Elapsed.TotalSeconds:0} s");
        }
        Directory.Delete(folder, recursive: true);
        return failed == 0 ? 0 : 1;
    }
}
