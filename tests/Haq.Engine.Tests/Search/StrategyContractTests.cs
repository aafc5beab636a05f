using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

/// <summary>What every strategy promises; a new one is tested by being in the list.</summary>
public sealed class StrategyContractTests
{
    private static readonly SearchOptions s_options = new() { Episodes = 60, Evaluations = 200, Ddpg = new DdpgOptions { Hidden1 = 32, Hidden2 = 32 } };

    public static TheoryData<string> All => [.. Strategies.Names];

    [Theory, MemberData(nameof(All))]
    public void The_result_is_in_the_space_within_the_budget_and_the_best_step(string name)
    {
        var network = new SyntheticNetwork(8, seed: 11, groups: [0, 1, 2, 3, 3, 5, 6, 7]);
        foreach (double factor in (double[])[0.6, 0.8, 1.0])
        {
            var problem = network.Problem(factor);
            var steps = new StepRecorder();
            var result = Search(name, problem, network, steps);
            Assert.True(problem.Space.Contains(result.Best) && problem.Budget.Admits(result.Cost) && result.Completed);
            Assert.Equal(network.Costs.Price(result.Best), result.Cost);
            Assert.Equal(network.Damage(result.Best), result.Score.Loss);
            Assert.Equal(result.Best, steps.Steps.Last(s => s.IsIncumbent).Policy);
            Assert.Equal(steps.Steps.Where(s => !s.IsProbe).Min(s => s.Score.Loss), result.Score.Loss);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void The_same_seed_takes_the_same_steps(string name)
    {
        var network = new SyntheticNetwork(6, seed: 12);
        Assert.Equal(Trail(), Trail());

        string[] Trail()
        {
            var steps = new StepRecorder();
            Search(name, network.Problem(0.7, seed: 3), network, steps);
            return [.. steps.Steps.Select(s => $"{s.Number} {s.Policy} {s.IsIncumbent}")];
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Interrupted_anywhere_it_keeps_the_best_so_far(string name)
    {
        var network = new SyntheticNetwork(6, seed: 13);
        foreach (int after in (int[])[1, 2, 9, 30])
        {
            using var source = new CancellationTokenSource();
            var steps = new StepRecorder { After = count => { if (count == after) source.Cancel(); } };
            var result = Strategies.Create(name, s_options).Search(network.Problem(0.8), network, steps, source.Token);
            Assert.Equal(steps.Steps.Last(s => s.IsIncumbent).Policy, result.Best);
            Assert.True(steps.Steps.Count == after || result.Completed);
        }
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Strategies.Create(name, s_options).Search(network.Problem(0.8), network, null, new CancellationToken(canceled: true)));
    }

    [Theory, MemberData(nameof(All))]
    public void Without_time_there_is_still_one_measured_answer(string name)
    {
        var network = new SyntheticNetwork(6, seed: 14);
        var result = Search(name, network.Problem(0.8, limit: TimeSpan.Zero), network);
        Assert.False(result.Completed);
        Assert.Equal(1, result.Evaluated);
    }

    [Theory, MemberData(nameof(All))]
    public void Budgets_below_the_floor_are_refused_before_anything_is_measured(string name)
    {
        var network = new SyntheticNetwork(6, seed: 15);
        var error = Assert.Throws<HaqException>(() => Search(name, network.Problem(0.001), network));
        Assert.Equal(DiagnosticCatalog.NothingAffordable, error.Diagnostic.Descriptor);
        Assert.Equal(0, network.Evaluations);
    }

    [Theory, MemberData(nameof(All))]
    public void At_the_floor_the_narrowest_policy_is_the_answer(string name)
    {
        var network = new SyntheticNetwork(6, seed: 16);
        var narrowest = network.Space.Uniform(new LayerBits(2, 2));
        var problem = network.Problem(1) with { Budget = new Engine.Hardware.Budget(network.Costs.Price(narrowest).LatencySeconds) };
        Assert.Equal(narrowest, Search(name, problem, network).Best);
    }

    [Theory, MemberData(nameof(All))]
    public void One_layer_is_enough(string name)
    {
        var network = new SyntheticNetwork(1, seed: 17);
        Assert.Equal(new LayerBits(8, 8), Search(name, network.Problem(1), network).Best[0]);
    }

    [Theory, MemberData(nameof(All))]
    public void Killed_and_resumed_from_its_journal_it_ends_as_if_nothing_had_happened(string name)
    {
        string folder = Directory.CreateTempSubdirectory("haq-journal-").FullName;
        try
        {
            var network = new SyntheticNetwork(6, seed: 18);
            var problem = network.Problem(0.7);
            var straight = Search(name, problem, network);
            int asked = network.Evaluations;
            string path = Path.Combine(folder, "journal.jsonl");
            foreach (int survived in (int[])[0, 1, 7, 25])
            {
                // Each life ends by an exception out of the evaluator after a few more policies, and leaves a torn line behind.
                using (var life = new JournaledEvaluator(new MortalEvaluator(network, survived), path, "subject"))
                    Record.Exception(() => Search(name, problem with { Random = new Engine.Numerics.SeededRandom(1) }, life));
                File.AppendAllText(path, "{\"Policy\":\"torn");
            }
            int before = network.Evaluations;
            using var last = new JournaledEvaluator(network, path, "subject");
            var resumed = Search(name, problem with { Random = new Engine.Numerics.SeededRandom(1) }, last);
            Assert.Equal(straight.Best, resumed.Best);
            Assert.Equal(straight.Score, resumed.Score);
            Assert.Equal(straight.Evaluated, resumed.Evaluated);
            Assert.True(network.Evaluations - before < asked, "nothing was taken from the journal");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("knapsack")]
    public void The_dual_finds_the_cheapest_policy_within_an_accuracy_limit(string name)
    {
        var network = new SyntheticNetwork(8, seed: 19);
        foreach (var objective in (SearchObjective[])[SearchObjective.Latency, SearchObjective.Energy, SearchObjective.Size])
        {
            var problem = network.Problem(1) with { Budget = new Engine.Hardware.Budget(), Objective = objective, AccuracyDropLimit = 1 };
            var result = Search(name, problem, network);
            Assert.InRange(100 - result.Score.Top1!.Value, 0, 1);
            double cost = SearchGoal.CostOf(objective, result.Cost);
            // Dearer than no uniform policy that keeps the limit, and clearly cheaper than 8 bits.
            for (int b = 2; b <= 8; b++)
            {
                var uniform = network.Space.Uniform(new LayerBits(b, b));
                if (100 * Math.Exp(-network.Damage(uniform)) >= 99) Assert.True(cost <= SearchGoal.CostOf(objective, network.Costs.Price(uniform)));
            }
            Assert.True(cost < 0.95 * SearchGoal.CostOf(objective, network.Costs.Price(network.Space.Widest)));
        }
    }

    [Fact]
    public void An_accuracy_limit_out_of_reach_is_an_error_that_says_how_near_it_came()
    {
        var network = new SyntheticNetwork(6, seed: 20);
        var problem = network.Problem(0.7) with { Objective = SearchObjective.Latency, AccuracyDropLimit = 1e-9 };
        var error = Assert.Throws<HaqException>(() => Search("auto", problem, network));
        Assert.Equal(DiagnosticCatalog.AccuracyOutOfReach, error.Diagnostic.Descriptor);
        Assert.Contains("the best one measured loses", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_agent_refuses_objectives_that_its_reward_does_not_know()
    {
        var network = new SyntheticNetwork(6, seed: 21);
        var problem = network.Problem(0.9) with { Objective = SearchObjective.Latency, AccuracyDropLimit = 1 };
        Assert.Equal(DiagnosticCatalog.ObjectiveUnsupported, Assert.Throws<HaqException>(() => Search("ddpg", problem, network)).Diagnostic.Descriptor);
    }

    [Fact]
    public void Auto_is_no_worse_than_knapsack_and_every_uniform_policy_and_more_measurements_never_hurt()
    {
        foreach (ulong seed in (ulong[])[22, 23, 24])
        {
            var network = new SyntheticNetwork(14, seed, interaction: 2);
            var problem = network.Problem(0.5);
            double knapsack = Search("knapsack", problem, network).Score.Loss;
            double before = double.PositiveInfinity;
            foreach (int evaluations in (int[])[10, 100, 600])
            {
                var result = Strategies.Create("auto", s_options with { Evaluations = evaluations }).Search(problem, network, null, CancellationToken.None);
                Assert.True(result.Score.Loss <= before);
                before = result.Score.Loss;
                Assert.NotNull(result.PredictedLoss);
                Assert.Equal(0, result.OptimalityGap);
            }
            Assert.True(before < knapsack);
            foreach (var uniform in UniformPolicies.Within(problem.Space, problem.Costs, problem.Budget)) Assert.True(before <= network.Damage(uniform));
        }
    }

    [Fact]
    public void The_agent_explores_from_where_local_search_ends_and_proposals_keep_the_budget()
    {
        var network = new SyntheticNetwork(10, seed: 26, interaction: 3);
        var problem = network.Problem(0.5);
        var plain = Search("auto", problem, network);
        var steps = new StepRecorder();
        var explored = Strategies.Create("auto", s_options with { ExploresByAgent = true, Episodes = 80 }).Search(network.Problem(0.5), network, steps, CancellationToken.None);
        Assert.True(explored.Score.Loss <= plain.Score.Loss);
        var agent = steps.Steps.Where(s => s.Phase == "agent").ToList();
        Assert.InRange(agent.Count, 2, 80);
        Assert.All(agent, s => Assert.True(problem.Budget.Admits(s.Cost) && problem.Space.Contains(s.Policy)));
        // It ends where a better proposal has become improbable.
        Assert.True(agent.Count == 80 || agent.TakeLast(40).All(s => !s.IsIncumbent));
    }

    [Fact]
    public void The_gate_of_accuracy_goes_before_the_loss()
    {
        var network = new SyntheticNetwork(6, seed: 27);
        var problem = network.Problem(0.7);
        var best = Search("auto", problem, network);
        // The gate is of another figure than the loss: all policies fail it but one of the uniform ones.
        var chosen = UniformPolicies.Within(problem.Space, problem.Costs, problem.Budget)[0];
        Assert.NotEqual(best.Best, chosen);
        var result = Search("auto", problem with { AccuracyDropLimit = 1 }, new Gated(network, chosen));
        Assert.Equal(chosen, result.Best);
        Assert.True(result.Score.Loss > best.Score.Loss);
    }

    [Fact]
    public void Candidates_that_were_given_up_early_never_win()
    {
        var network = new SyntheticNetwork(14, seed: 22, interaction: 2);
        var racing = new Racing(network);
        var steps = new StepRecorder();
        var result = Search("auto", network.Problem(0.5), racing, steps);
        Assert.True(racing.Stopped > 0);
        Assert.False(result.Score.StoppedEarly);
        Assert.DoesNotContain(steps.Steps, s => s.Score.StoppedEarly && s.IsIncumbent);
        Assert.Equal(steps.Steps.Where(s => !s.IsProbe && !s.Score.StoppedEarly).Min(s => s.Score.Loss), result.Score.Loss);
        Assert.Equal(Search("auto", network.Problem(0.5), network).Best, result.Best);
    }

    [Fact]
    public void Probes_may_be_measured_on_less_than_candidates_are()
    {
        var network = new SyntheticNetwork(10, seed: 25);
        var fewer = new SyntheticNetwork(10, seed: 25, interaction: 0.4);
        var steps = new StepRecorder();
        var result = Search("auto", network.Problem(0.6) with { Probes = fewer }, network, steps);
        Assert.Equal(network.Damage(result.Best), result.Score.Loss);
        Assert.True(fewer.Evaluations > network.Evaluations);
        Assert.Contains(steps.Steps, s => s.IsProbe);
        Assert.DoesNotContain(steps.Steps, s => s.IsProbe && s.IsIncumbent);
    }

    private static SearchResult Search(string name, SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress = null) =>
        Strategies.Create(name, s_options).Search(problem, evaluator, progress, CancellationToken.None);

    // Lets one policy keep the float model's accuracy, and no other.
    private sealed class Gated(IPolicyEvaluator inner, Policy good) : IPolicyEvaluator
    {
        public PolicyScore Float => inner.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => inner.Evaluate(policy, cancellation) with { Top1 = policy.Equals(good) ? 100 : 50 };
    }

    // Gives up whatever is a tenth above its rival.
    private sealed class Racing(SyntheticNetwork inner) : IRacingEvaluator
    {
        public int Stopped { get; private set; }

        public PolicyScore Float => inner.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => inner.Evaluate(policy, cancellation);

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
        {
            var score = inner.Evaluate(policy, cancellation);
            if (score.Loss <= 1.1 * inner.Damage(rival)) return score;
            Stopped++;
            return score with { StoppedEarly = true, Samples = 128 };
        }
    }

    private sealed class MortalEvaluator(IPolicyEvaluator inner, int lives) : IPolicyEvaluator
    {
        private int _left = lives;

        public PolicyScore Float => inner.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) =>
            _left-- > 0 ? inner.Evaluate(policy, cancellation) : throw new InvalidOperationException("killed");
    }
}
