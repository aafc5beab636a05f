using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Search;
using Haq.Engine.Tests.Search;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>Whole searches by workers that fail in every way take the steps of one without workers and leave the same journal.</summary>
public sealed class DistributedSearchTests
{
    private static readonly SearchOptions s_options = new() { Episodes = 40, Evaluations = 150, Ddpg = new DdpgOptions { Hidden1 = 32, Hidden2 = 32 } };

    public static TheoryData<string, SearchObjective> Searches => new(
        from name in Strategies.Names
        from objective in (SearchObjective[])[SearchObjective.Accuracy, SearchObjective.Latency]
        where name != "ddpg" || objective == SearchObjective.Accuracy
        select new TheoryDataRow<string, SearchObjective>(name, objective));

    [Theory, MemberData(nameof(Searches))]
    public void Journals_steps_and_results_are_those_of_a_search_without_workers(string strategy, SearchObjective objective) => AllTheSame(strategy, objective, probesApart: false);

    [Fact]
    public void Also_where_probes_have_samples_of_their_own() => AllTheSame("auto", SearchObjective.Accuracy, probesApart: true);

    [Fact]
    public void Also_where_an_agent_proposes_several_at_a_time() =>
        AllTheSame("ddpg", SearchObjective.Accuracy, probesApart: false, s_options with { Ddpg = s_options.Ddpg with { Population = 4 } });

    private static void AllTheSame(string strategy, SearchObjective objective, bool probesApart, SearchOptions? options = null)
    {
        var network = new SyntheticNetwork(8, seed: 31, groups: [0, 1, 2, 3, 3, 5, 6, 7]);
        FormulaSubject candidates = new(400, 8, network.Damage), probes = new(72, 8, network.Damage);
        var plain = Search(candidates, probes);
        Assert.Contains("StoppedEarly", strategy == "auto" && objective == SearchObjective.Accuracy ? plain.Journal : "StoppedEarly", StringComparison.Ordinal);
        int lost = 0;
        foreach (int workers in (int[])[1, 2, 5])
        {
            var pool = new AdversaryPool((work, _) => Task.FromResult((work.Subject == FormulaSubject.Digest ? candidates : probes).Score(work)), workers, (ulong)workers);
            using var schedule = new ScoringSchedule(pool);
            using var distributed = new DistributedEvaluator(schedule, candidates.Subject);
            using var apart = new DistributedEvaluator(schedule, probes.Subject with { Digest = "probes" });
            Assert.Equal(plain, Search(distributed, apart));
            lost += pool.Lost;
        }
        Assert.True(lost > 0, "the adversary did nothing");

        Found Search(IPolicyEvaluator evaluator, IPolicyEvaluator onProbes)
        {
            string folder = Directory.CreateTempSubdirectory("haq-workers-").FullName;
            try
            {
                string path = Path.Combine(folder, "scores.jsonl"), probed = Path.Combine(folder, "probes.jsonl");
                var steps = new StepRecorder();
                SearchResult result;
                using (var journal = new JournaledEvaluator(new EvaluationMemo(evaluator), path, "subject"))
                using (var probeJournal = new JournaledEvaluator(new EvaluationMemo(onProbes), probed, "probes"))
                {
                    var problem = network.Problem(0.6) with { Objective = objective, Probes = probesApart ? probeJournal : null };
                    if (objective != SearchObjective.Accuracy) problem = problem with { Budget = new Engine.Hardware.Budget(), AccuracyDropLimit = 20 };
                    result = Strategies.Create(strategy, options ?? s_options).Search(problem, journal, steps, CancellationToken.None);
                }
                string taken = string.Join('\n', steps.Steps.Select(s => $"{s.Number} {s.Phase} {s.Policy} {s.Score} {s.IsIncumbent}"));
                return new Found(File.ReadAllText(path), File.ReadAllText(probed), taken, $"{result.Best} {result.Score} {result.Evaluated} {result.PredictedLoss} {result.OptimalityGap}");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private sealed record Found(string Journal, string Probes, string Steps, string Result);
}
