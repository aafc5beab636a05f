using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>A mixed policy is delivered only where no cheaper uniform one within the budget is as good.</summary>
public sealed class PlainerChoiceTests : IDisposable
{
    private readonly TinyProject _project = new();

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("1x")]
    [InlineData("0.6x")]
    [InlineData("0.4x")]
    public void No_cheaper_uniform_policy_is_as_good_as_what_is_chosen(string latency)
    {
        var keys = TinyProject.With(TinyProject.Base, [new("budget.latency", latency), new("bits.weights", "2..8"), new("bits.activations", "2..8"), new("layers.head.weights", "2..8"),
            new("quantization.rounding", "nearest"), new("finetune", "")]);
        using var workspace = _project.Open(keys);
        var outcome = Choose.Policy(workspace, _ => { });
        var (pricing, cost) = (workspace.Pricing, workspace.Pricing.Costs.PriceWhole(outcome.Policy));
        using var again = _project.Open(keys);
        var evaluator = again.Stages.Measurements.Value.Evaluator;
        var found = evaluator.Evaluate(outcome.Policy, CancellationToken.None);
        int compared = 0;
        for (int bits = 2; bits <= 8; bits++)
        {
            if (pricing.Uniform(bits) is not { } uniform || !pricing.Space.Contains(uniform) || uniform.Equals(outcome.Policy)) continue;
            var other = pricing.Costs.PriceWhole(uniform);
            if (other.LatencySeconds >= 0.99 * cost.LatencySeconds || other.SizeBits > cost.SizeBits) continue;
            compared++;
            // The widest cheaper one decides; those below it are looked at while it is as good.
            var score = evaluator.Evaluate(uniform, CancellationToken.None);
            bool isAsGood = again.Stages.Quality.Of(score) >= again.Stages.Quality.Of(found) && score.Loss <= 1.02 * found.Loss;
            Assert.True(!isAsGood || outcome.Uniform is not null, $"uniform {bits} bit is as good and cheaper");
        }
        if (outcome.Uniform is { } width) Assert.Equal(pricing.Uniform(width), outcome.Policy);
        else Assert.True(compared > 0 || latency != "1x", "something has to be compared");
    }

    [Fact]
    public void A_cheaper_uniform_policy_that_is_as_good_takes_the_place_of_a_mixed_one()
    {
        using var workspace = Opened();
        var (uniform, score) = Uniform(workspace, 4);
        var mixed = Wider(workspace, uniform);

        // As good by the same figures, within two per cent of the loss; three are a difference, and so is a class more.
        foreach (var (found, isTaken) in new[] { (score, true), (score with { Loss = score.Loss / 1.01 }, true), (score with { Loss = score.Loss / 1.03 }, false),
            (score with { Top1 = score.Top1 + 2 }, false), (score with { Loss = score.Loss * 2 }, true) })
        {
            var outcome = Of(workspace, mixed, found, SearchObjective.Accuracy);
            Assert.Equal((isTaken ? 4 : null, isTaken ? uniform : mixed), (outcome.Uniform, outcome.Policy));
            if (isTaken) Assert.Equal(score, outcome.Score);
        }
    }

    [Fact]
    public void What_costs_more_in_anything_or_is_another_objectives_is_not_taken()
    {
        using var workspace = Opened();
        var (uniform, score) = Uniform(workspace, 4);
        // Equally good, and smaller than the uniform one by its last layer's weights.
        int last = uniform.Count - 1;
        var smaller = uniform.With(last, uniform[last] with { Weights = new Bitwidth(2) });
        Assert.True(workspace.Pricing.Costs.PriceWhole(smaller).SizeBits < workspace.Pricing.Costs.PriceWhole(uniform).SizeBits);
        Assert.NotEqual(4, Of(workspace, smaller, score, SearchObjective.Accuracy).Uniform);
        Assert.Null(Of(workspace, Wider(workspace, uniform), score, SearchObjective.Latency).Uniform);
        var unmeasured = new SearchOutcome { Strategy = "test", Bits = SearchOutcome.Flatten(Wider(workspace, uniform)) };
        Assert.Null(PlainerChoice.Of(workspace.Stages, unmeasured, SearchObjective.Accuracy, CancellationToken.None).Uniform);
    }

    private Workspace Opened() => _project.Open(TinyProject.With(TinyProject.Base,
        [new("bits.weights", "2..8"), new("bits.activations", "2..8"), new("layers.head.weights", "2..8"), new("quantization.rounding", "nearest"), new("finetune", "")]));

    private static (Policy Policy, PolicyScore Score) Uniform(Workspace workspace, int bits)
    {
        var policy = workspace.Pricing.Uniform(bits)!;
        Assert.True(workspace.Pricing.Space.Contains(policy));
        return (policy, workspace.Stages.Measurements.Value.Evaluator.Evaluate(policy, CancellationToken.None));
    }

    // Dearer in every respect: the second layer's weights have more bits.
    private static Policy Wider(Workspace workspace, Policy policy)
    {
        var wider = policy.With(1, policy[1] with { Weights = new Bitwidth(6) });
        var (own, other) = (workspace.Pricing.Costs.PriceWhole(wider), workspace.Pricing.Costs.PriceWhole(policy));
        Assert.True(own.LatencySeconds > other.LatencySeconds && own.SizeBits > 1.01 * other.SizeBits);
        return wider;
    }

    private static SearchOutcome Of(Workspace workspace, Policy mixed, PolicyScore score, SearchObjective objective) => PlainerChoice.Of(
        workspace.Stages, new SearchOutcome { Strategy = "test", Bits = SearchOutcome.Flatten(mixed), Score = score }, objective, CancellationToken.None);
}
