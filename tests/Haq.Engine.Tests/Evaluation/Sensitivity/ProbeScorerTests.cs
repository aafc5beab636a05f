using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Search;

namespace Haq.Engine.Tests.Evaluation.Sensitivity;

public sealed class ProbeScorerTests
{
    [Fact]
    public void Every_choice_is_scored_by_what_it_alone_does_and_group_activations_count_once()
    {
        var network = new SyntheticNetwork(6, seed: 1, groups: [0, 1, 2, 2, 4, 5]);
        var table = Score(network, network);
        var widest = network.Space.Widest;
        Assert.Equal(network.Damage(widest.With(1, new LayerBits(3, 8))) - network.Damage(widest), table.WeightsOf(1)[2]);
        Assert.Equal(network.Damage(widest.With(2, new LayerBits(8, 5)).With(3, new LayerBits(8, 5))) - network.Damage(widest), table.ActivationsOf(2)[4]);
        Assert.Equal(0, table.ActivationsOf(3)[4]);
        Assert.Equal(0, table.Predict(widest));
        Assert.Equal(table.WeightsOf(1)[1] + table.ActivationsOf(1)[3], table.Of(1, new LayerBits(2, 4)));
        // A pinned layer has its one width, and nothing else was scored.
        Assert.Throws<InvalidOperationException>(() => table.Of(0, new LayerBits(4, 8)));
    }

    [Fact]
    public void Scores_need_not_fall_with_bits_and_are_never_negative()
    {
        var network = new SyntheticNetwork(4, seed: 2);
        var table = Score(network, new Wayward(network));
        Assert.True(table.WeightsOf(1)[3] > table.WeightsOf(1)[2]);
        Assert.Equal(0, table.WeightsOf(2)[6]);
    }

    private static SensitivityTable Score(SyntheticNetwork network, IPolicyEvaluator evaluator) =>
        new ProbeScorer(evaluator).Score([.. Enumerable.Range(0, network.Space.Layers).Select(i => network.Space.ChoicesOf(i).ToArray())], network.Space.Groups, CancellationToken.None);

    // Worse at 4 bits than at 3, and better at 7 than at 8.
    private sealed class Wayward(IPolicyEvaluator inner) : IPolicyEvaluator
    {
        public PolicyScore Float => inner.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
        {
            var score = inner.Evaluate(policy, cancellation);
            return score with { Loss = 1 + score.Loss + (policy[1].Weights == 4 ? 5 : 0) - (policy[2].Weights == 7 ? 0.9 : 0) };
        }
    }
}
