using Haq.Engine.Layers;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
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
        var keys = TinyProject.With(TinyProject.Base, [new("budget.latency", latency), new("bits.weights", "2..8"), new("bits.activations", "2..8"), new("layers.head.weights", "2..8"), new("quantization.rounding", "nearest"), new("finetune", "")]);
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
        else Assert.True(compared > 0 || latency != "1x");
    }
}
