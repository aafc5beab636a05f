using System.Globalization;
using BenchmarkDotNet.Running;
using Haq.Benchmarks;
using Haq.Benchmarks.Costs;
using Haq.Benchmarks.Reliability;
using Haq.Benchmarks.Reproduction;
using Haq.Benchmarks.Rewrites;
using Haq.Benchmarks.Scale;
using Haq.Benchmarks.Steps;
using Haq.Benchmarks.Steps.Figures;
using Haq.Benchmarks.Strategies;

// 'record NAME' in front keeps what is printed in bench/results, in a folder for this processor.
using var recorded = args is ["record", var name, ..] ? RecordedRun.Start(name) : null;
if (recorded is not null) args = args[2..];

if (args is ["steps", "profile", .. var profiled])
{
    StepProfile.Run(profiled.ElementAtOrDefault(0), profiled.Length > 1 ? int.Parse(profiled[1], CultureInfo.InvariantCulture) : StepNetwork.Threads);
}
else if (args is ["steps", "serve", var served])
{
    StepPeer.Serve(StepNetwork.Of(served).First());
}
else if (args is ["steps", "page"])
{
    string files = Path.Combine(StepComparison.Repository(), "bench", "results", "steps");
    foreach (string file in Directory.EnumerateFiles(files, "*.json").Order(StringComparer.Ordinal)) Console.WriteLine(StepResults.Read(file).Page());
}
else if (args is ["steps", "keep", var keptRounds, .. var kept])
{
    StepComparison.Run(int.Parse(keptRounds, CultureInfo.InvariantCulture), kept.ElementAtOrDefault(0), kept.ElementAtOrDefault(1), keep: true);
}
else if (args is ["steps", .. var rest])
{
    StepComparison.Run(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 5, rest.ElementAtOrDefault(1), rest.ElementAtOrDefault(2), keep: false);
}
else if (args is ["agent", .. var agent])
{
    AgentComparison.Run(agent.Length > 0 ? int.Parse(agent[0], CultureInfo.InvariantCulture) : 5);
}
else if (args is ["strategies", var results, var sample, var fashion, var strategies, var hardware, var budgets, var seeds, .. var threads])
{
    StrategyComparison.Run(results, sample, fashion, strategies.Split(','), hardware.Split(','), [.. budgets.Split(',').Select(b => double.Parse(b, CultureInfo.InvariantCulture))],
        [.. seeds.Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture))], threads.Length > 0 ? int.Parse(threads[0], CultureInfo.InvariantCulture) : 2);
}
else if (args is ["searches", var searched, var searchSeeds, .. { Length: > 0 } searchManifests])
{
    SearchComparison.Run(searched, [.. searchSeeds.Split(',').Select(s => int.Parse(s, CultureInfo.InvariantCulture))], searchManifests);
}
else if (args is ["searches-table", var before, var after])
{
    SearchComparison.Print(before, after);
}
else if (args is ["strategies-table", var gathered])
{
    StrategyTable.Print(gathered);
}
else if (args is ["haq", "page", var reproduced])
{
    ReproductionPage.Write(reproduced);
}
else if (args is ["haq", var cells, var shared, .. var limits])
{
    return ReproductionRun.Run(cells, shared, limits.Length > 0 ? double.Parse(limits[0], CultureInfo.InvariantCulture) : null, limits.ElementAtOrDefault(1));
}
else if (args is ["images", var images, .. var count])
{
    ImageThroughput.Run(images, count.Length > 0 ? int.Parse(count[0], CultureInfo.InvariantCulture) : null);
}
else if (args is ["export", var original, var exported, .. var exportRounds])
{
    ExportComparison.Run(original, exported, exportRounds.Length > 0 ? int.Parse(exportRounds[0], CultureInfo.InvariantCulture) : 11);
}
else if (args is ["fuzz", var executions, var corpus, .. var reader])
{
    FuzzReaders.Run(long.Parse(executions, CultureInfo.InvariantCulture), corpus, reader.Length > 0 ? reader[0] : null);
}
else if (args is ["networks", "explain", var networkKind, var networkNumber, .. var between])
{
    NetworkDiagnosis.Run(networkKind, int.Parse(networkNumber, CultureInfo.InvariantCulture), junctions: between is ["integers"]);
}
else if (args is ["networks", "build", var builtKind, var builtNumber, var builtFolder, .. var builtBetween])
{
    NetworkComparison.Build(builtKind, int.Parse(builtNumber, CultureInfo.InvariantCulture), junctions: builtBetween is ["integers"], builtFolder);
}
else if (args is ["networks", .. var networks])
{
    NetworkComparison.Run(networks.Length > 0 ? int.Parse(networks[0], CultureInfo.InvariantCulture) : 1000, networks.Length > 1 ? int.Parse(networks[1], CultureInfo.InvariantCulture) : 0);
}
else if (args is ["scale", .. var scale])
{
    ScaleCommand.Run(scale);
}
else if (args is ["estimate", var manifest, .. var reports])
{
    EstimateComparison.Run(manifest, all: reports is ["all"]);
}
else if (args is ["evaluation", var evaluations, var evaluated, .. var evaluatedModels])
{
    EvaluationComparison.Run(int.Parse(evaluations, CultureInfo.InvariantCulture), int.Parse(evaluated, CultureInfo.InvariantCulture), evaluatedModels);
}
else if (args is ["cpu", var models])
{
    ProcessorComparison.Run(models);
}
else if (args is ["costs"])
{
    return CostComparison.Run(StepComparison.Repository());
}
else if (args is ["costs", "rows", var comparison])
{
    return CostComparison.Rows(StepComparison.Repository(), int.Parse(comparison, CultureInfo.InvariantCulture));
}
else if (args is ["costs", "figures", var times, var networkName, var processor])
{
    ProcessorFigures.Write(times, networkName, Path.Combine(StepComparison.Repository(), "bench", "Haq.Benchmarks", "Costs", "Sources"), processor);
}
else if (args is ["rewrites", var sessionThreads, .. var only])
{
    RewriteComparison.Run(int.Parse(sessionThreads, CultureInfo.InvariantCulture), only.ElementAtOrDefault(0));
}
else if (args is ["memory"])
{
    MemoryComparison.RunAll();
}
else if (args is ["many", var place, var number, var tiny, .. var also])
{
    ManyImages.Make(place, int.Parse(number, CultureInfo.InvariantCulture), tiny, also is ["folder"]);
}
else if (args is ["memory", "builds", var tool, .. var builds])
{
    return BuildMemory.Run(tool, builds);
}
else if (args is ["memory", "models", var measuredTool, var seconds, .. var modelFolders])
{
    return BuildMemory.Run(measuredTool, int.Parse(seconds, CultureInfo.InvariantCulture), modelFolders);
}
else if (args is ["memory", var network])
{
    MemoryComparison.Run(int.Parse(network, CultureInfo.InvariantCulture));
}
else if (args is ["stale", var steps, var walkSeed])
{
    return ReliabilityRun.Stale(int.Parse(steps, CultureInfo.InvariantCulture), int.Parse(walkSeed, CultureInfo.InvariantCulture));
}
else if (args is ["faults", var trials, var faultSeed, var shim, .. var kind])
{
    return ReliabilityRun.Faults(int.Parse(trials, CultureInfo.InvariantCulture), int.Parse(faultSeed, CultureInfo.InvariantCulture), shim, kind.ElementAtOrDefault(0));
}
else if (args is ["matrix", var matrixManifests, var kills, .. var crew])
{
    return MatrixKills.Run(int.Parse(matrixManifests, CultureInfo.InvariantCulture), int.Parse(kills, CultureInfo.InvariantCulture),
        crew.Length > 0 ? int.Parse(crew[0], CultureInfo.InvariantCulture) : 0, crew.Length > 1 ? int.Parse(crew[1], CultureInfo.InvariantCulture) : 1);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(StepComparison).Assembly).Run(args);
}
return 0;
