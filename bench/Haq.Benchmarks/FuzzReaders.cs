using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Haq.Build.Tests.Protocol;
using Haq.Engine.Tests.Fuzz;

namespace Haq.Benchmarks;

/// <summary>
/// Damaged files for every reader, from the corpus on; what it found is left there, as few files as answer and branch in all the ways. A reader's
/// run ends at its first fault, which is printed with the input.
/// </summary>
internal static class FuzzReaders
{
    /// <summary>Larger inputs are not kept: the answer is known, and a smaller one comes by.</summary>
    private const int MostKept = 2048;

    // So often a run says how far it is, to see whether it still finds anything.
    private const int Reports = 8;

    /// <summary>Runs <paramref name="executions"/> for each reader, or for one.</summary>
    public static void Run(long executions, string corpus, string? reader)
    {
        using var coverage = new EdgeCoverage();
        string folder = Directory.CreateTempSubdirectory("haq-fuzz-").FullName;
        try
        {
            foreach (var target in FuzzTargets.All(folder).Concat(ProtocolTargets.All).Where(t => reader is null || t.Name == reader))
            {
                string kept = Path.Combine(corpus, target.Name);
                Directory.CreateDirectory(kept);
                var run = new FuzzRun(target, seed: (ulong)executions, coverage);
                run.Add(Directory.EnumerateFiles(kept).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
                try
                {
                    var clock = Stopwatch.StartNew();
                    for (int part = 1; part <= Reports; part++)
                    {
                        run.Run(executions * part / Reports);
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {target.Name} at {run.Executions}: {coverage.Edges} pairs, {run.Answers} answers, {run.Executions / clock.Elapsed.TotalSeconds:F0}/s"));
                    }
                }
                catch (InvalidOperationException e)
                {
                    Console.WriteLine($"FAULT {e.Message}");
                }
                var (count, answers, last, edges) = (run.Executions, run.Answers, run.LastBranch, coverage.Edges);
                foreach (string old in Directory.GetFiles(kept)) File.Delete(old);
                foreach (byte[] input in run.Minimized().Where(i => i.Length <= MostKept)) File.WriteAllBytes(Path.Combine(kept, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {count} executions, {answers} different answers, {edges} pairs of branches, the last new pair at {last}"));
                coverage.Forget();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
