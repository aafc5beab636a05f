using Haq.Engine.Tests.Networks;
using Haq.Engine.Tests.Zoo;

namespace Haq.Benchmarks;

/// <summary>Random networks of every kind at 8 bits: the exported file against the model as it was read, in stock sessions. Prints what is out of the ordinary, and how many there were.</summary>
internal static class NetworkComparison
{
    /// <summary>Tries <paramref name="count"/> networks of each kind, from number <paramref name="first"/> on, each with real numbers and with integers between layers.</summary>
    public static void Run(int count, int first)
    {
        foreach (string kind in RandomNetworks.Kinds)
        {
            int refused = 0, faults = 0, noisy = 0, surprises = 0, crashes = 0;
            Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
            {
                foreach (bool junctions in new[] { false, true })
                {
                    NetworkOutcome outcome;
                    try
                    {
                        outcome = NetworkTrial.Run(RandomNetworks.Make(kind, number), (model, seed) => new RandomDataset(model.View, model.Shapes, 32, seed), junctions, equalize: number % 4 == 2);
                    }
                    catch (Exception e) when (e is not OutOfMemoryException)
                    {
                        Interlocked.Increment(ref crashes);
                        Console.WriteLine($"{kind} {number}{(junctions ? " integers" : "")}: CRASH {e}");
                        continue;
                    }
                    if (outcome.Refusal is not null) Interlocked.Increment(ref refused);
                    if (outcome.IsFault) Interlocked.Increment(ref faults);
                    if (outcome.IsNoisy) Interlocked.Increment(ref noisy);
                    if (outcome.IsChanged) Interlocked.Increment(ref surprises);
                    if (outcome.Refusal is not null || outcome.IsFault || outcome.IsNoisy || outcome.IsChanged) Console.WriteLine($"{kind} {number}{(junctions ? " integers" : "")}: {outcome}");
                    if (outcome.IsNoisy) Console.WriteLine($"  a whole build of it: {Described(Built(kind, number, junctions))}");
                }
            });
            Console.WriteLine(
                $"{kind}: {count} networks twice, {crashes} crashes, {faults} faults of preparation, {refused} refused, {noisy} with more than {RandomNetworks.MostNoise:P0} noise, {surprises} that a default session changes.");
        }
    }

    /// <summary>A whole build of one of them in a folder, which is left for a closer look.</summary>
    public static void Build(string kind, int number, bool junctions, string folder) =>
        Console.WriteLine(Described(NetworkBuild.Run(RandomNetworks.Make(kind, number), junctions, Directory.CreateDirectory(folder).FullName)));

    private static (Engine.Pipeline.Stages.Reports.OutputNoise Typical, IReadOnlyList<string> Codes, string? Refusal) Built(string kind, int number, bool junctions)
    {
        string folder = Directory.CreateTempSubdirectory("haq-network-").FullName;
        try
        {
            return NetworkBuild.Run(RandomNetworks.Make(kind, number), junctions, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Described((Engine.Pipeline.Stages.Reports.OutputNoise Typical, IReadOnlyList<string> Codes, string? Refusal) build) => build.Refusal
        ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"typically {build.Typical.Decibels:F1} dB, said {string.Join(", ", build.Codes.DefaultIfEmpty("nothing"))}");
}
