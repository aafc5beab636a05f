using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

/// <summary>What changes do to a policy, measured where a decision depends on it.</summary>
public sealed class DifferencesTests
{
    private readonly SyntheticNetwork _network = new(8, seed: 5);

    [Fact]
    public void At_first_every_neighbour_is_measured_and_after_a_move_only_what_is_chosen()
    {
        var (problem, prober) = (_network.Problem(0.7), new Recorder(_network));
        var scores = new ProbeScorer(_network).Score(_network.Space.Choices, _network.Space.Groups, CancellationToken.None);
        var start = _network.Space.Uniform(new LayerBits(5, 5));
        int most = Differences.MostAround(_network.Space);
        var first = Differences.Around(start, _network.Space, prober, scores, most);
        Assert.Equal(Differences.Policies(start, _network.Space, scores, most), prober.Asked);
        var moved = first.Settle(problem.Costs, problem.Budget, 0, prober);
        Assert.Equal(first.Solve(problem.Costs, problem.Budget, 0), moved);
        Assert.NotNull(moved);

        prober.Asked.Clear();
        var second = Differences.Around(moved, _network.Space, prober, scores, most, first);
        var again = second.Settle(problem.Costs, problem.Budget, 0, prober);
        var complete = Differences.Around(moved, _network.Space, new Recorder(_network), scores, most).Solve(problem.Costs, problem.Budget, 0);
        Assert.InRange(prober.Asked.Distinct().Count(), 1, Differences.Policies(moved, _network.Space, scores, most).Count() - 1);
        // The damage that it promises is as good as with everything measured.
        Assert.InRange(_network.Damage(again!), 0, 1.05 * _network.Damage(complete!));
    }

    private sealed class Recorder(SyntheticNetwork network) : IForesightedEvaluator
    {
        public List<Policy> Asked { get; } = [];

        public PolicyScore Float => network.Float;

        public bool HasForesight => false;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
        {
            Asked.Add(policy);
            return network.Evaluate(policy, cancellation);
        }

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => Evaluate(policy, cancellation);

        public void Announce(IReadOnlyList<EvaluationRequest> requests) { }
    }
}
