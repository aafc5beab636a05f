using System.Diagnostics;
using Haq.Build.Reliability;

namespace Haq.Benchmarks.Reliability;

/// <summary>Stale results and faults, counted: <c>stale STEPS SEED</c> and <c>faults TRIALS SEED SHIM.C [KIND]</c>.</summary>
internal static class ReliabilityRun
{
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
        string? shim = FaultTrial.CompileShim(shimSource, folder);
        if (shim is null) Console.WriteLine("no compiler: full disks, read errors, missing locks and clock steps are left out");
        var trial = new FaultTrial(seed, shim);
        int failed = 0;
        foreach (string kind in trial.Kinds.Where(k => only is null || k == only))
        {
            var clock = Stopwatch.StartNew();
            int bad = 0;
            trial.Outcomes.Clear();
            for (int i = 0; i < trials; i++)
            {
                if (trial.Run(kind) is not { } wrong) continue;
                bad++;
                Console.WriteLine($"  {kind}, trial {i}: {wrong}");
            }
            failed += bad;
            Console.WriteLine($"{kind}: {trials - bad} of {trials} survived ({string.Join(", ", trial.Outcomes.Select(o => $"{o.Value} {o.Key}"))}), {clock.Elapsed.TotalSeconds:0} s");
        }
        Directory.Delete(folder, recursive: true);
        return failed == 0 ? 0 : 1;
    }
}
