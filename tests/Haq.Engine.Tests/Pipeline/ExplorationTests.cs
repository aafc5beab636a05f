using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

public sealed class ExplorationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-exploration-").FullName;

    private StageCache Cache => new(Path.Combine(_folder, "cache"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Strategies_are_compared_on_one_budget_and_their_scores_serve_the_next_search()
    {
        string manifest = Manifest("0.6x");
        using (var workspace = Workspace.Open(new PipelineOptions(manifest, Cache) { Episodes = 3 }, null, CancellationToken.None))
        {
            using var exploration = new Exploration(workspace);
            var rows = exploration.Compare();
            Assert.Equal(["best uniform", "HAQ's rule alone", "ddpg", "greedy", "knapsack", "auto"], rows.Select(r => r.Name));
            Assert.All(rows, r => Assert.True(workspace.Pricing.Budget.Admits(r.Cost) && workspace.Pricing.Space.Contains(r.Policy)));
            Assert.All(rows, r => Assert.True(r.Searched.Samples == 24 && r.Unseen.Samples == 1000));
            Assert.True(rows[5].Searched.Loss <= rows[0].Searched.Loss && rows[5].Searched.Loss <= rows[4].Searched.Loss);
        }
        int known = Lines();
        using (var workspace = Workspace.Open(new PipelineOptions(manifest, Cache) { Strategy = "knapsack" }, null, CancellationToken.None))
        {
            using var exploration = new Exploration(workspace);
            var outcome = exploration.Search(_ => { });
            Assert.True(outcome.Completed);
            Assert.Equal(0, outcome.OptimalityGap);
            int searched = Lines();
            // Nothing but uniform policies, which are held against what was found.
            Assert.InRange(searched - known, 0, 2);
            Assert.Equal(outcome.Policy, exploration.Search(_ => { }).Policy);
            Assert.Equal(searched, Lines());
        }
    }

    [Fact]
    public void Another_target_has_another_policy_and_the_curve_covers_all_budgets()
    {
        string manifest = Manifest("0.7x");
        var policies = new List<Policy>();
        foreach (string hardware in (string[])["bismo-edge", "bismo-cloud"])
        {
            using var workspace = Workspace.Open(new PipelineOptions(manifest, Cache) { Strategy = "knapsack", Hardware = hardware }, null, CancellationToken.None);
            using var exploration = new Exploration(workspace);
            policies.Add(exploration.Search(_ => { }).Policy);
            Assert.Equal(hardware, workspace.Target.Name);
            if (policies.Count == 2)
            {
                // The other target's policy costs more here than the budget, or hurts more within it.
                Assert.True(!workspace.Pricing.Budget.Admits(workspace.Pricing.Costs.Price(policies[0])) || exploration.Searched(policies[0]).Loss > exploration.Searched(policies[1]).Loss);
            }
            var front = exploration.Front(5);
            Assert.All(front.Where(p => !p.IsUniform), p => Assert.DoesNotContain(front, q => q.IsUniform && q.Cost.LatencySeconds <= p.Cost.LatencySeconds && q.Score.Loss < p.Score.Loss));
            Assert.Equal(workspace.Pricing.Costs.Price(workspace.Pricing.Space.Uniform(new LayerBits(2, 2))).LatencySeconds, front[0].Cost.LatencySeconds);
        }
        Assert.NotEqual(policies[0], policies[1]);
    }

    [Fact]
    public void Scorers_are_held_against_the_same_measurements_and_scores_outlive_the_run_that_made_them()
    {
        string manifest = Manifest("0.7x");
        using (var workspace = Workspace.Open(new PipelineOptions(manifest, Cache), null, CancellationToken.None))
        {
            using var exploration = new Exploration(workspace);
            var scorers = exploration.CompareScorers();
            Assert.Equal(["probe", "sqnr", "fisher", "local"], scorers.Select(s => s.Name));
            Assert.All(scorers, s => Assert.True(workspace.Pricing.Budget.Admits(workspace.Pricing.Costs.Price(s.Policy)) && s.RankAnywhere is >= -1 and <= 1));
            Assert.True(scorers.Max(s => s.RankAnywhere) > 0);
        }
        double[] made = Scored(manifest, SensitivityMethod.Fisher, out string name);
        int entries = Directory.GetDirectories(Path.Combine(Cache.Root, "score")).Length;
        Assert.Equal("fisher", name);
        Assert.Equal(made, Scored(manifest, SensitivityMethod.Fisher, out _));
        Assert.Equal(entries, Directory.GetDirectories(Path.Combine(Cache.Root, "score")).Length);
    }

    private double[] Scored(string manifest, SensitivityMethod method, out string name)
    {
        using var workspace = Workspace.Open(new PipelineOptions(manifest, Cache) { Sensitivity = method }, null, CancellationToken.None);
        using var exploration = new Exploration(workspace);
        var table = exploration.Scores();
        name = table.Method;
        return [.. Enumerable.Range(0, table.Layers).SelectMany(l => table.WeightsOf(l).ToArray())];
    }

    private string Manifest(string latency)
    {
        string path = Path.Combine(_folder, "haq.yaml");
        File.WriteAllText(path, $$"""
            model: '{{Shared.File("sample/fashion-mobilenet.onnx")}}'
            hardware: bismo-edge
            budget: {latency: {{latency}}}
            bits: {weights: [4, 8], activations: [4, 8]}
            data:
              calibration: {path: '{{Shared.File("sample/train-images-idx3-ubyte.gz")}}', samples: 32, preprocess: {scale: 255} }
              evaluation: {path: '{{Shared.File("sample/evaluation-images-idx3-ubyte.gz")}}', labels: '{{Shared.File("sample/evaluation-labels-idx1-ubyte.gz")}}', preprocess: {scale: 255} }
            search: {samples: 24}
            """);
        return path;
    }

    private int Lines() => Directory.EnumerateFiles(Cache.Root, "scores.jsonl", SearchOption.AllDirectories).Sum(f => File.ReadAllLines(f).Length);
}
