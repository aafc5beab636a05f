using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The scores that the knapsack's answers depend on. The knapsack is solved with what is known and with estimates of the rest, lower than they
/// probably are; what it chooses by an estimate that matters is measured, and it is
/// solved again, until it chooses nothing more of that kind. What is left would not be chosen if it hurt half as much as it is estimated to.
/// </summary>
internal sealed class DecisiveScores
{
    private const double Optimism = 0.5;

    // Of the damage that everything does on average: an error of the estimate by as much changes no choice that matters.
    private const double Negligible = 0.1;

    private readonly SearchRun _run;
    private readonly ProbeScorer? _scorer;
    private readonly FewProbes _few;

    /// <summary>Nothing is measured yet.</summary>
    /// <param name="run">The search.</param>
    /// <param name="scorer">What reads scores off measurements; not needed where the problem's scores are known.</param>
    public DecisiveScores(SearchRun run, ProbeScorer? scorer) => (_run, _scorer, _few) = (run, scorer, new FewProbes(run.Problem.Space.Choices, run.Problem.Space.Groups));

    /// <summary>All scores, of which those are measured that the answers for the problem's budget depend on.</summary>
    /// <exception cref="OperationCanceledException">The search was over before.</exception>
    public SensitivityTable For(IReadOnlyList<double> exponents)
    {
        Learn([.. _few.First], withReference: true);
        foreach (double exponent in exponents)
        {
            while (true)
            {
                WidthScore[] parts = [.. _few.PartsOf(Solve(exponent))];
                double each = parts.Sum(_few.Of) / Math.Max(1, parts.Length);
                WidthScore[] open = [.. parts.Where(p => !_few.Knows(p) && _few.Of(p) > Negligible * each)];
                if (open.Length == 0) break;
                Learn(open, withReference: false);
            }
        }
        return _few.Table(_run.Problem.Sensitivity?.Method ?? _scorer!.Method);
    }

    private Policy Solve(double exponent) =>
        new PolicyKnapsack(_run.Problem.Space, _run.Problem.Costs, _run.Problem.Budget, (layer, bits) => Math.Pow(Damage(layer, bits), exponent)).Solve()?.Policy
        ?? throw new InvalidOperationException("the budget was found affordable before");

    private double Damage(int layer, LayerBits bits)
    {
        double damage = bits.Weights > SensitivityTable.MaxBits ? 0 : Hopeful(new WidthScore(layer, true, bits.Weights));
        if (bits.Activations > SensitivityTable.MaxBits || _run.Problem.Space.GroupOf(layer)[0] != layer) return damage;
        return damage + Hopeful(new WidthScore(layer, false, bits.Activations));
    }

    private double Hopeful(WidthScore score) => _few.Knows(score) ? _few.Of(score) : Optimism * _few.Of(score);

    private void Learn(IReadOnlyList<WidthScore> scores, bool withReference)
    {
        if (_run.Problem.Sensitivity is { } known)
        {
            foreach (var score in scores) _few.Learn(score, (score.IsWeights ? known.WeightsOf(score.Layer) : known.ActivationsOf(score.Layer))[score.Width - 1]);
            return;
        }
        var policies = scores.Select(_few.PolicyOf);
        _run.Prober.Announce([.. (withReference ? policies.Prepend(_few.Widest) : policies).Select(p => new EvaluationRequest(p))]);
        double reference = Measure(_few.Widest);
        foreach (var score in scores) _few.Learn(score, Math.Max(0, Measure(_few.PolicyOf(score)) - reference));
    }

    private double Measure(Policy policy) => _scorer!.Read(_run.Prober.Evaluate(policy, CancellationToken.None));
}
