using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Searching;

/// <param name="Task">What is to be solved.</param>
/// <param name="Strategy">The strategy's name.</param>
/// <param name="StrategyAt">Where it is named.</param>
/// <param name="Options">How it searches.</param>
/// <param name="Agent">The agent that it starts from.</param>
/// <param name="Candidates">How it sees its candidates.</param>
/// <param name="Measurements">What they are measured with.</param>
/// <param name="Scores">How much every choice hurts by itself.</param>
/// <param name="Scorer">What makes these scores where they are not known yet, so that a time limit holds for them too.</param>
/// <param name="OnInterrupted">Told the best policy so far.</param>
internal sealed record SearchInputs(
    SearchTask Task, string Strategy, SourceLocation StrategyAt, SearchOptions Options, SearchAgent Agent, Handle<Candidates> Candidates,
        Handle<Measurements> Measurements, Handle<SensitivityTable> Scores,
    Handle<Func<IPolicyEvaluator, ISensitivityScorer>> Scorer, [property: NoInfluence("an interrupted search has no result")] Action<Policy>? OnInterrupted);

/// <summary>Chooses the bits by searching.</summary>
internal sealed class SearchStage : CachedStage<SearchInputs, Searched>
{
    private const string FileName = "search.json", AgentName = "agent.bin";

    private const int MostFinalists = 50;

    public override string Name => "search";

    public override int Version => StageVersions.Search;

    public override Searched Run(SearchInputs inputs, StageScope scope)
    {
        var measuring = inputs.Candidates.Value;
        var options = inputs.Options with { TrainedAgent = inputs.Agent.File, SavedAgent = Path.Combine(scope.Folder, AgentName) };
        var strategy = Strategies.Create(inputs.Strategy, options, inputs.StrategyAt);
        var tried = new List<SearchStep>();
        var progress = new Relay<SearchStep>(step =>
        {
            if (!step.IsProbe) tried.Add(step);
            scope.Report($"{Describe(step)}{inputs.Measurements.Value.Speed}", step.Total is { } total ? Math.Min(1, (double)step.Number / total) : null, step.Remaining);
        });
        scope.Report($"searching with {strategy.Name}", 0);
        var problem = inputs.Task.Problem() with { Probes = measuring.Probes, Sensitivity = inputs.Scores.TryGet(out var known) ? known : null, Scorer = inputs.Scorer.Value };
        var result = strategy.Search(problem, measuring.Evaluator, progress, scope.Cancellation);
        if (result.Scores is { } scores) inputs.Scores.Keep(scores);
        if (scope.Cancellation.IsCancellationRequested) inputs.OnInterrupted?.Invoke(result.Best);
        scope.Cancellation.ThrowIfCancellationRequested();
        return new Searched(Outcome(strategy.Name, result, tried) with { Finalists = Finalists(tried, inputs.Task) }, Agent: null);
    }

    // The strategy puts its agent beside the result by itself: a search that was killed between the two begins with the agent that it began with before.
    public override void Write(Searched result, string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(result.Outcome, SearchOutcomeJson.Default.SearchOutcome));

    public override Searched Read(SearchInputs inputs, string folder)
    {
        string agent = Path.Combine(folder, AgentName);
        var outcome = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.SearchOutcome)!;
        return new Searched(outcome, File.Exists(agent) ? File.ReadAllBytes(agent) : null);
    }

    private static SearchOutcome Outcome(string strategy, SearchResult result, List<SearchStep> tried) => new()
    {
        Strategy = strategy,
        Bits = SearchOutcome.Flatten(result.Best),
        Score = result.Score,
        Evaluated = result.Evaluated,
        Completed = result.Completed,
        EndedIn = result.EndedIn,
        PredictedLoss = result.PredictedLoss,
        OptimalityGap = result.OptimalityGap,
        Scores = result.Scores is { } table ? ScoreRecord.Of(table) : null,
        // By their own count: how many probes came between them depends on which scores were known.
        Trials = [.. tried.Select((step, i) => (Step: step, Number: i + 1)).Where(t => !t.Step.Score.StoppedEarly).Select(t => Trial(t.Step, t.Number, result.Scores))],
    };

    // Affordable ones of the least loss and, under another objective, of the least cost. One that lost its race early is worse than another, and may still be faster on a device.
    private static ImmutableArray<Finalist> Finalists(List<SearchStep> tried, SearchTask task)
    {
        var budget = task.Pricing.Value.Budget;
        SearchStep[] all = [.. tried.Where(t => budget.Admits(t.Cost)).OrderBy(t => t.Score.StoppedEarly).DistinctBy(t => t.Policy)];
        var best = all.OrderBy(t => t.Score.Loss).Take(MostFinalists);
        if (task.Objective != SearchObjective.Accuracy) best = best.Union(all.OrderBy(t => SearchGoal.CostOf(task.Objective, t.Cost)).Take(MostFinalists));
        return [.. best.Select(t => new Finalist(SearchOutcome.Flatten(t.Policy), t.Score))];
    }

    private static SearchTrial Trial(SearchStep step, int number, SensitivityTable? scores) => new(
        number, step.Cost.LatencySeconds * 1e3, step.Cost.EnergyJoules * 1e3, step.Cost.SizeBits / 8.0, step.Score.Top1, step.Score.Agreement, step.Score.Loss, step.IsIncumbent)
    {
        Predicted = scores?.Predict(step.Policy),
    };

    private static string Describe(SearchStep step)
    {
        string figure = step.Score.Top1 is { } top1 ? $"top-1 {top1.ToString("F2", CultureInfo.InvariantCulture)} %"
            : step.Score.Agreement is { } agreement ? $"agreement {agreement.ToString("F2", CultureInfo.InvariantCulture)} %"
            : $"loss {step.Score.Loss.ToString("G4", CultureInfo.InvariantCulture)}";
        string count = step.Total is { } total ? $"{step.Number} of {total}" : step.Number.ToString(CultureInfo.InvariantCulture);
        return $"{(step.Phase.Length > 0 ? step.Phase : "policy")} {count}: {figure}{(step.IsIncumbent ? ", the best so far" : "")}";
    }
}
