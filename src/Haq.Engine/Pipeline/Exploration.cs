using System.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Stages;
using Haq.Engine.Reporting;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Engine.Pipeline;

/// <summary>Looks at the choices of a manifest without building anything: the search alone, its scores, the trade-off curve, strategies side by side.</summary>
public sealed class Exploration : IDisposable
{
    private readonly Workspace _workspace;
    private SearchMeasuring? _measuring;
    private SensitivityTable? _scores;

    /// <summary>Explores <paramref name="workspace"/>, which stays the caller's.</summary>
    public Exploration(Workspace workspace) => _workspace = workspace;

    private SearchMeasuring Measuring => _measuring ??= new SearchMeasuring(_workspace);

    /// <summary>Runs the search, or takes its result from the cache. An interruption hands the best policy so far to <paramref name="onInterrupted"/> first.</summary>
    public SearchOutcome Search(Action<Policy> onInterrupted)
    {
        // The search opens the journals itself.
        CloseMeasuring();
        return SearchStage.Run(_workspace, onInterrupted);
    }

    /// <summary>How much every choice hurts by itself, scored in the way that the manifest or the options say.</summary>
    public SensitivityTable Scores()
    {
        return _scores ??= ScoreStage.Run(_workspace, Measuring, ScoreStage.MethodOf(_workspace, Measuring.Effort));
    }

    /// <summary>The trade-off curve with about <paramref name="points"/> measured policies on it, uniform ones beside it.</summary>
    public IReadOnlyList<FrontPoint> Front(int points)
    {
        var scores = Scores();
        _workspace.Report("front", $"measuring about {points} policies");
        return new ParetoFront(SearchStage.ProblemOf(_workspace)).Measure(Measuring.Evaluator, scores, points, _workspace.Cancellation);
    }

    /// <summary>Measured points as a picture's content, with the policy of a search among them.</summary>
    public TradeOffCurve Curve(IReadOnlyList<FrontPoint> front, SearchOutcome outcome)
    {
        var (pricing, budget) = (_workspace.Pricing, _workspace.Pricing.Budget);
        var points = front.ToList();
        if (outcome.Score is { } score && points.TrueForAll(p => !p.Policy.Equals(outcome.Policy)))
            points.Add(new FrontPoint(outcome.Strategy, outcome.Policy, pricing.Costs.Price(outcome.Policy), outcome.PredictedLoss ?? double.NaN, score, IsUniform: false));
        var (quantity, limit) = _workspace.Manifest.Objective switch
        {
            Objective.Energy => (CostQuantity.Energy, budget.EnergyJoules * 1e3),
            Objective.Size => (CostQuantity.Size, budget.SizeBits / 8e3),
            _ => (CostQuantity.Latency, budget.LatencySeconds * 1e3),
        };
        return new TradeOffCurve(Path.GetFileName(_workspace.Manifest.Model.FullPath), _workspace.Target.Name, pricing.Costs.Batch,
            $"{_workspace.SearchSet.Count} samples of the search set", quantity, limit, FrontReport.Facts(_workspace, points.OrderBy(p => p.Cost.LatencySeconds), outcome.Policy));
    }

    /// <summary>A policy's score on the search set.</summary>
    public PolicyScore Searched(Policy policy) => Measuring.Evaluator.Evaluate(policy, _workspace.Cancellation);

    /// <summary>A policy's score on images that no choice was made on.</summary>
    public PolicyScore Unseen(Policy policy) => new MeasuredEvaluator(_workspace.Quantizer, _workspace.ReportedSet).Evaluate(policy, _workspace.Cancellation);

    /// <summary>The best uniform policy, HAQ's rule without a search, and every strategy, all within the manifest's budget.</summary>
    public IReadOnlyList<ComparedPolicy> Compare()
    {
        var (pricing, problem) = (_workspace.Pricing, SearchStage.ProblemOf(_workspace));
        var rows = new List<ComparedPolicy>();
        var clock = Stopwatch.StartNew();
        var uniform = UniformPolicies.Within(pricing.Space, pricing.Costs, pricing.Budget);
        if (uniform.Count > 0) Add("best uniform", uniform.MinBy(p => Measuring.Evaluator.Evaluate(p, _workspace.Cancellation).Loss)!, uniform.Count);
        clock.Restart();
        if (SequentialProjection.Apply(pricing.Space, pricing.Costs, pricing.Budget, pricing.Space.Widest) is { } rule) Add("HAQ's rule alone", rule, 1);
        foreach (string name in Strategies.Names.OrderBy(n => n == Strategies.Default).ThenBy(n => n, StringComparer.Ordinal))
        {
            if (problem.Objective != SearchObjective.Accuracy && name == "ddpg") continue;
            clock.Restart();
            var progress = new Relay<SearchStep>(step => _workspace.Report(name, $"{step.Phase} {step.Number}", step.Total is { } total ? Math.Min(1, (double)step.Number / total) : null, step.Remaining));
            var result = SearchStage.CreateStrategy(_workspace, Measuring.Effort, name)
                .Search(SearchStage.ProblemOf(_workspace, Measuring), Measuring.Evaluator, progress, _workspace.Cancellation);
            if (result.Scores is { } scores) ScoreStage.Keep(_workspace, ScoreStage.MethodOf(_workspace, Measuring.Effort), scores);
            Add(name, result.Best, result.Evaluated);
        }
        return rows;

        void Add(string name, Policy policy, int evaluated)
        {
            var searched = Measuring.Evaluator.Evaluate(policy, _workspace.Cancellation);
            var time = clock.Elapsed;
            rows.Add(new ComparedPolicy(name, policy, pricing.Costs.PriceWhole(policy), searched, Unseen(policy), evaluated, time));
        }
    }

    /// <summary>Every way of scoring choices, held against measurements of the same policies, and the policy that follows from it within the manifest's budget.</summary>
    public IReadOnlyList<ComparedScorer> CompareScorers() => new ScorerComparison(_workspace, Measuring).Run();

    /// <inheritdoc/>
    public void Dispose() => CloseMeasuring();

    private void CloseMeasuring()
    {
        _measuring?.Dispose();
        _measuring = null;
    }
}
