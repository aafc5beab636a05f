using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;

namespace Haq.Benchmarks;

/// <summary>The time that a search says is left, against the time that it then took: a build of a manifest with a cache of its own.</summary>
internal static class EstimateComparison
{
    private const string Stage = "search";
    private static readonly double[] s_moments = [0.1, 0.25, 0.5, 0.75, 0.9];

    /// <summary>Builds, and prints what was said at some moments of the search and what was true; every report as well where <paramref name="all"/>.</summary>
    public static void Run(string manifest, bool all)
    {
        string folder = Directory.CreateTempSubdirectory("haq-estimate-").FullName;
        try
        {
            var clock = Stopwatch.StartNew();
            var said = new List<(TimeSpan At, TimeSpan? Left, string Message)>();
            var progress = new Listener(value =>
            {
                if (value.Stage == Stage) said.Add((clock.Elapsed, value.Remaining, value.Message));
            });
            ManifestBuild.Run(new PipelineOptions(manifest, new StageCache(Path.Combine(folder, "cache"))) { OutputFolder = folder }, progress, CancellationToken.None);
            foreach (var (at, left, message) in all ? said : []) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds:F2};{left?.TotalSeconds:F1};{message}"));
            Print(said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(List<(TimeSpan At, TimeSpan? Left, string Message)> said)
    {
        if (said.Count == 0) throw new InvalidOperationException("nothing was searched");
        TimeSpan first = said[0].At, whole = said[^1].At - first;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the search took {whole.TotalSeconds:F1} s, {said.Count} reports"));
        foreach (double share in s_moments)
        {
            var moment = said.First(s => s.At - first >= share * whole);
            double left = (first + whole - moment.At).TotalSeconds;
            string estimate = moment.Left is { } known ? known.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) : "not known yet";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at {share:P0}: {left:F1} s were left, said: {estimate}"));
        }
    }

    private sealed class Listener(Action<PipelineProgress> act) : IProgress<PipelineProgress>
    {
        public void Report(PipelineProgress value) => act(value);
    }
}
