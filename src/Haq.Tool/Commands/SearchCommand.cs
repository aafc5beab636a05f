using System.CommandLine;
using System.Text;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary>
/// <c>haq search [haq.yaml] [--strategy …] [--episodes N] [--seed S] [--hardware A,B,C] [--pareto [--picture FILE]] [--explain] [--sensitivity NAME]
/// [--agent FILE] [--output POLICY]</c>
/// </summary>
internal static class SearchCommand
{
    private const int FrontPoints = 12;

    public static Command Create()
    {
        var manifest = ManifestArgument.Create();
        var strategy = new Option<string?>("--strategy") { Description = $"Override the manifest's strategy: {string.Join(", ", Strategies.Names)}." };
        var episodes = new Option<int?>("--episodes") { Description = "Override the manifest's number of episodes of the agent.", HelpName = "N" };
        var seed = new Option<int?>("--seed") { Description = "Override the manifest's seed.", HelpName = "S" };
        var hardware = new Option<string?>("--hardware") { Description = "Search for these targets in place of the manifest's, one after the other.", HelpName = "A,B,C" };
        var pareto = new Option<bool>("--pareto") { Description = "Also print the whole trade-off curve, measured, with the uniform policies beside it." };
        var picture = new Option<string?>("--picture") { Description = "With --pareto: also draw the curve, as a page of its own.", HelpName = "FILE.html" };
        var explain = new Option<bool>("--explain") { Description = "Also print how much every choice of bits hurts by itself." };
        var agent = new Option<string?>("--agent") { Description = "Start HAQ's agent from this file where it is there, and save it to it.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Write the policy here; with several targets, their names are put before the extension.", HelpName = "POLICY" };
        var sensitivity = SensitivityOption.Create();
        var json = new Option<bool>("--json") { Description = "Print everything as JSON." };
        var command = new Command(
            "search",
            """
            Choose the bits of every layer within the manifest's budget, and nothing else: no model is written. A search that was interrupted or killed goes on where it stopped.

            Examples:
              haq search --strategy auto --output fast.policy.json
              haq search --hardware bismo-edge,bismo-cloud
              haq search --pareto --json > curve.json
              haq search --hardware bismo-edge,bismo-cloud --picture curves.html
            """)
        { manifest, strategy, episodes, seed, hardware, pareto, picture, explain, sensitivity, agent, output, json };
        var budget = new TargetOptions().AddTo(command, withHardware: false);
        command.SetAction((parsed, cancellation) =>
        {
            string file = ManifestArgument.Resolve(parsed.GetValue(manifest));
            using var cache = RemoteCacheOption.Open(parsed);
            using var cluster = ClusterOption.Open(parsed, cache);
            // A null target is the manifest's own.
            var targets = new List<string?>();
            if (parsed.GetValue(hardware) is { } list) targets.AddRange(list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            else targets.Add(null);
            string? page = parsed.GetValue(picture);
            bool curve = parsed.GetValue(pareto) || page is not null;
            var found = new List<FoundPolicy>();
            var curves = new List<TradeOffCurve>();
            foreach (string? target in targets)
            {
                var options = new PipelineOptions(file, cache.Stages)
                {
                    Strategy = parsed.GetValue(strategy), Episodes = parsed.GetValue(episodes), Seed = parsed.GetValue(seed), Hardware = target,
                    Sensitivity = SensitivityOption.Read(parsed, sensitivity),
                    Workers = cluster.Workers,
                    Agent = parsed.GetValue(agent) is { } path ? Path.GetFullPath(path) : null,
                };
                using var progress = new ConsoleProgress();
                using var workspace = Workspace.Open(budget.Apply(parsed, options), progress, cancellation);
                using var exploration = new Exploration(workspace);
                string? place = parsed.GetValue(output) is { } wanted ? PlaceOf(wanted, workspace.Target.Name, targets.Count) : null;
                var outcome = exploration.Search(best => Save(workspace, best, place));
                Save(workspace, outcome.Policy, place);
                bool told = parsed.GetValue(explain) || parsed.GetValue(json);
                var front = curve ? exploration.Front(FrontPoints) : null;
                found.Add(new FoundPolicy(workspace.Target.Name, workspace.Model.Items, outcome, workspace.Pricing, parsed.GetValue(explain) ? exploration.Scores() : null,
                    told ? exploration.UniformWide() : null, front));
                if (page is not null) curves.Add(exploration.Curve(front!, outcome));
                progress.Dispose();
                foreach (var warning in workspace.Warnings) Console.Error.WriteLine(warning);
            }
            if (page is not null) AtomicFile.Write(Path.GetFullPath(page), Encoding.UTF8.GetBytes(TradeOffPage.Write(curves)));
            if (parsed.GetValue(json)) SearchJson.Write(found);
            else SearchText.Print(found);
            return Task.CompletedTask;
        });
        return command;
    }

    private static string PlaceOf(string output, string hardware, int targets) =>
        targets == 1 ? output : Path.Combine(Path.GetDirectoryName(output) ?? "", $"{Path.GetFileNameWithoutExtension(output)}.{hardware}{Path.GetExtension(output)}");

    private static void Save(Workspace workspace, Policy policy, string? place)
    {
        if (place is not null) AtomicFile.Write(place, PolicyFile.Of(policy, workspace.Model.Items, workspace.ModelDigest, workspace.Target.Name).ToBytes());
    }
}
