using System.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Engine.Pipeline.Exploring;

/// <summary>Looks at the choices of a manifest without building anything: the search alone, its scores, the trade-off curve, strategies side by side.</summary>
public sealed class Exploration : IDisposable
{
    private readonly Workspace _workspace;
    private readonly QuantizationPipeline _stages;

    /// <summary>Explores <paramref name="workspace"/>, which stays the caller's.</summary>
    public Exploration(Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        (_workspace, _stages) = (workspace, workspace.Stages);
    }

    private CancellationToken Cancellation => _workspace.Run.Cancellation;

    /// <summary>Runs the search, or takes its result from the cache. An interruption hands the best policy so far to <paramref name="onInterrupted"/> first.</summary>
    public SearchOutcome Search(Action<Policy> onInterrupted) => Choose.Policy(_workspace, onInterrupted);

    /// <summary>How much every choice hurts by itself, scored in the way that the manifest or the options say.</summary>
    public SensitivityTable Scores() => _stages.Scores.Value;

    /// <summary>
    /// Weights of 8 bits with activations of 16 throughout, measured as the search measures; null where the hardware and the manifest have no such choice, or whole files are measured.
    /// </summary>
    public SearchedPolicy? UniformWide() => !_stages.IsMeasured && _workspace.Pricing.UniformWide is { } wide ? new SearchedPolicy(wide, Searched(wide)) : null;

    /// <summary>The trade-off curve with about <paramref name="points"/> measured policies on it, uniform ones beside it.</summary>
    public IReadOnlyList<FrontPoint> Front(int points)
    {
        var scores = Scores();
        _workspace.Run.Report("front", $"measuring about {points} policies");
        return new ParetoFront(_stages.Task.Problem()).Measure(Measured, scores, points, () => false, Cancellation);
    }

    /// <summary>Measured points as a picture's content, with the policy of a search among them.</summary>
    public TradeOffCurve Curve(IReadOnlyList<FrontPoint> front, SearchOutcome outcome)
    {
        var (pricing, budget) = (_workspace.Pricing, _workspace.Pricing.Budget);
        var points = front.ToList();
        if (outcome.Score is { } score && points.TrueForAll(p => !p.Policy.Equals(outcome.Policy)))
            points.Add(new FrontPoint(outcome.Strategy, outcome.Policy, pricing.Costs.PriceWhole(outcome.Policy), outcome.PredictedLoss ?? double.NaN, score, IsUniform: false));
        var (quantity, limit) = _workspace.Manifest.Objective switch
        {
            SearchObjective.Energy => (CostQuantity.Energy, budget.EnergyJoules * 1e3),
            SearchObjective.Size => (CostQuantity.Size, budget.SizeBits / 8e3),
            _ => (CostQuantity.Latency, budget.LatencySeconds * 1e3),
        };
        return new TradeOffCurve(Path.GetFileName(_workspace.Manifest.Model.FullPath), _workspace.Target.Name, pricing.Costs.Batch,
            $"{_workspace.SearchSet.Count} samples of the search set", quantity, limit, FrontReport.Facts(pricing.Costs, points.OrderBy(p => p.Cost.LatencySeconds), outcome.Policy));
    }

    /// <summary>A policy's score on the search set.</summary>
    public PolicyScore Searched(Policy policy) => Measured.Evaluate(policy, Cancellation);

    /// <summary>A policy's score on images that no choice was made on.</summary>
    public PolicyScore Unseen(Policy policy) => new MeasuredEvaluator(_workspace.Quantizer, _workspace.ReportedSet).Evaluate(policy, Cancellation);

    /// <summary>The best uniform policy, HAQ's rule without a search, and every strategy, all within the manifest's budget.</summary>
    public IReadOnlyList<ComparedPolicy> Compare()
    {
        var (pricing, problem) = (_workspace.Pricing, _stages.Task.Problem());
        var rows = new List<ComparedPolicy>();
        var clock = Stopwatch.StartNew();
        var uniform = UniformPolicies.Within(pricing.Space, pricing.Costs, pricing.Budget);
        if (uniform.Count > 0) Add("best uniform", uniform.MinBy(p => Measured.Evaluate(p, Cancellation).Loss)!, uniform.Count);
        clock.Restart();
        if (SequentialProjection.Apply(pricing.Space, pricing.Costs, pricing.Budget, pricing.Space.Widest) is { } rule) Add("HAQ's rule alone", rule, 1);
        foreach (var (name, _, _, _) in Strategies.All.Where(s => s.Serves(problem.Objective)).OrderBy(s => s.Name == Strategies.Default).ThenBy(s => s.Name, StringComparer.Ordinal))
        {
            clock.Restart();
            var progress = new Relay<SearchStep>(step =>
                _workspace.Run.Report(name, $"{step.Phase} {step.Number}", step.Total is { } total ? Math.Min(1, (double)step.Number / total) : null, step.Remaining));
            var measured = _stages.Candidates.Value;
            var asked = problem with { Probes = measured.Probes, Sensitivity = _stages.Scores.TryGet(out var known) ? known : null, Scorer = _stages.Scorer.Value };
            var result = Strategies.Create(name, _stages.OptionsOf(name)).Search(asked, measured.Evaluator, progress, Cancellation);
            if (result.Scores is { } scores) _stages.Scores.Keep(scores);
            Add(name, result.Best, result.Evaluated);
        }
        return rows;

        void Add(string name, Policy policy, int evaluated)
        {
            var searched = Measured.Evaluate(policy, Cancellation);
            var time = clock.Elapsed;
            rows.Add(new ComparedPolicy(name, policy, pricing.Costs.PriceWhole(policy), searched, Unseen(policy), evaluated, time));
        }
    }

    /// <summary>Every way of scoring choices, held against measurements of the same policies, and the policy that follows from it within the manifest's budget.</summary>
    public IReadOnlyList<ComparedScorer> CompareScorers() => new ScorerComparison(_workspace).Run();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stages.Candidates.Close();
        _stages.Measurements.Close();
    }

    private IPolicyEvaluator Measured => _stages.Candidates.Value.Evaluator;
}
