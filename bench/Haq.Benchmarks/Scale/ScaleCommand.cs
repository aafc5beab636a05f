using System.Globalization;
using Haq.Benchmarks.Scale.Figures;
using Haq.Benchmarks.Steps;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// What more workers bring: <c>scale local</c> by threads of this process, <c>scale workers</c> by workers in processes of their own, <c>scale simulate</c> on clusters of any size by times measured
/// here; <c>scale overhead</c> what giving out costs. <c>scale keep …</c> keeps the figures in <c>bench/results/scale</c>, <c>scale page</c> prints what docs/scale.md has of them.
/// </summary>
internal static class ScaleCommand
{
    // The size that the targets are for.
    private const int Cluster = 64;

    private static string Folder => Path.Combine(StepComparison.Repository(), "bench", "results", "scale");

    public static void Run(string[] arguments)
    {
        if (arguments is ["keep", .. var kept]) Measured(kept).Write(Path.Combine(Folder, RecordedRun.Processor() + ".json"));
        else if (arguments is ["page"]) Print();
        else if (arguments is ["local", var manifest, .. var rest]) LocalComparison.Run(manifest, Rounds(rest), rest.ElementAtOrDefault(1));
        else Measured(arguments);
    }

    private static ScaleResults Measured(string[] arguments)
    {
        var results = new ScaleResults(RecordedRun.ModelName(), RecordedRun.Instructions(), Environment.ProcessorCount, RecordedRun.Versions() + ".");
        return arguments switch
        {
            ["simulate", var manifest, .. var sizes] => results with { Networks = [SearchSimulation.Run(manifest, sizes.Length > 0 ? [.. sizes.Select(Number)] : SearchSimulation.Sizes)] },
            ["overhead", var manifest, .. var rest] => results with { Overhead = OverheadComparison.Run(manifest, Rounds(rest)) },
            ["workers", var manifest, .. var rest] => results with { Workers = WorkerComparison.Run(manifest, Rounds(rest)) },
            _ => throw new ArgumentException(
                "scale local MANIFEST [ROUNDS [search|POLICIES]] | scale [keep] simulate MANIFEST [WORKERS…] | " +
                "scale [keep] overhead MANIFEST [ROUNDS] | scale [keep] workers MANIFEST [ROUNDS] | scale page"),
        };
    }

    private static void Print()
    {
        foreach (string file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal))
            foreach (string part in ScaleResults.Read(file).Pages(Cluster)) Console.WriteLine(part);
    }

    private static int Rounds(string[] rest) => rest.Length > 0 ? Number(rest[0]) : 5;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
