using System.Globalization;
using Haq.Benchmarks.Steps.Figures;
using Haq.Engine.Autodiff;

namespace Haq.Benchmarks.Steps;

/// <summary>
/// Training steps against PyTorch on the same shapes, and against an earlier engine, interleaved: a round measures each contender for a moment, so that whatever else the machine
/// does meets all alike. The agent's update has no kernels in ONNX Runtime: it is plain C#, on one thread.
/// </summary>
internal static class StepComparison
{
    /// <summary>Prints a table, and keeps it as this processor's file where that is asked for.</summary>
    /// <param name="rounds">Rounds that count, after one that warms up.</param>
    /// <param name="only">Words of the networks' names; all without.</param>
    /// <param name="before">The assembly of these benchmarks with an earlier engine, or null.</param>
    /// <param name="keep">Whether to write the file.</param>
    public static void Run(int rounds, string? only, string? before, bool keep)
    {
        var machine = new StepResults(RecordedRun.ModelName(), RecordedRun.Instructions(), StepNetwork.Threads, string.Create(CultureInfo.InvariantCulture,
            $"{RecordedRun.Versions()}, PyTorch from `/usr/bin/python3`; {rounds} rounds of a second for each contender."));
        Console.WriteLine(StepResults.Head);
        foreach (var network in StepNetwork.Of(only))
        {
            var figure = Measure(network, rounds, before);
            Console.WriteLine(figure.Row());
            if (keep) (machine with { Steps = [figure] }).Write(Path.Combine(Repository(), "bench", "results", "steps", RecordedRun.Processor() + ".json"));
        }
    }

    /// <summary>The folder of the solution.</summary>
    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Haq.Build.sln"))) return folder.FullName;
        return Directory.GetCurrentDirectory();
    }

    private static StepFigure Measure(StepNetwork network, int rounds, string? before)
    {
        using var custom = network.Build(KernelSet.Custom, StepNetwork.Threads);
        using var python = StepPeer.PyTorch(network.Torch);
        using var earlier = before is null ? null : StepPeer.Engine(before, network.Name);
        var (torch, now, old) = (new List<(double Median, double Fastest)>(), new List<(double Median, double Fastest)>(), new List<(double Median, double Fastest)>());
        for (int round = 0; round <= rounds; round++)
        {
            var (a, b, c) = (python?.Ask(), StepPeer.Measure(custom), earlier?.Ask());
            if (round == 0) continue; // warm-up
            now.Add(b);
            if (a is { } t) torch.Add(t);
            if (c is { } o) old.Add(o);
        }
        double[] ratios = [.. now.Zip(torch, (x, y) => Math.Round(x.Median / y.Median, 3)).Order()];
        return new StepFigure(network.Name, ratios.Length > 0 ? ratios[ratios.Length / 2] : null)
        {
            LeastRatio = ratios.Length > 0 ? ratios[0] : null, GreatestRatio = ratios.Length > 0 ? ratios[^1] : null, Engine = StepTimes.Of(now),
            PyTorch = torch.Count > 0 ? StepTimes.Of(torch) : null, Before = old.Count > 0 ? StepTimes.Of(old) : null,
        };
    }
}
