using System.Globalization;
using System.Text.Json;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Regions;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>Chooses the bits: by searching, from the cache, or because there is no choice.</summary>
internal static class SearchStage
{
    private const string FileName = "search.json";

    /// <summary>The outcome. When the search is interrupted, the best policy so far is written where the outputs go before the interruption goes on.</summary>
    public static SearchOutcome Run(Workspace workspace, Action<Policy> onInterrupted)
    {
        if (workspace.Options.Policy is { } given) return Fixed("policy", given(workspace.Model.Items));
        if (RegionStage.IsAsked(workspace.Manifest, workspace.Target)) return RegionStage.Run(workspace);
        var space = workspace.Pricing.Space;
        if (Enumerable.Range(0, space.Layers).All(layer => space.ChoicesOf(layer).Length == 1)) return Fixed("fixed", space.Widest);
        string folder = workspace.Options.Cache.GetOrCreate(KeyOf(workspace), dir => Write(Search(workspace, dir, onInterrupted), Path.Combine(dir, FileName)), null, workspace.Cancellation);
        SearchAgent.Deliver(workspace, folder);
        return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.SearchOutcome)!;
    }

    private static SearchOutcome Fixed(string strategy, Policy policy) => new() { Strategy = strategy, Bits = SearchOutcome.Flatten(policy) };

    private static void Write(SearchOutcome outcome, string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(outcome, SearchOutcomeJson.Default.SearchOutcome));

    private static SearchOutcome Search(Workspace workspace, string folder, Action<Policy> onInterrupted)
    {
        using var measuring = new SearchMeasuring(workspace);
        var strategy = CreateStrategy(workspace, measuring.Effort, savedAgent: Path.Combine(folder, SearchAgent.FileName));
        SearchAgent.Check(workspace, strategy);
        var trials = new List<SearchStep>();
        var progress = new Relay<SearchStep>(step =>
        {
            if (!step.IsProbe && !step.Score.StoppedEarly) trials.Add(step);
            workspace.Report("search", $"{Describe(step)}{measuring.Speed}", step.Total is { } total ? Math.Min(1, (double)step.Number / total) : null, step.Remaining);
        });
        workspace.Report("search", $"searching with {strategy.Name}", 0);
        var result = strategy.Search(ProblemOf(workspace, measuring), measuring.Evaluator, progress, workspace.Cancellation);
        if (result.Scores is { } scores) ScoreStage.Keep(workspace, ScoreStage.MethodOf(workspace, measuring.Effort), scores);
        if (workspace.Cancellation.IsCancellationRequested) onInterrupted(result.Best);
        workspace.Cancellation.ThrowIfCancellationRequested();
        return new SearchOutcome
        {
            Strategy = strategy.Name,
            Bits = SearchOutcome.Flatten(result.Best),
            Score = result.Score,
            Evaluated = result.Evaluated,
            Completed = result.Completed,
            EndedIn = result.EndedIn,
            PredictedLoss = result.PredictedLoss,
            OptimalityGap = result.OptimalityGap,
            Scores = result.Scores is { } table ? ScoreRecord.Of(table) : null,
            Trials = [.. trials.Select(t => Trial(t, result.Scores))],
        };
    }

    internal static ISearchStrategy CreateStrategy(Workspace workspace, SearchEffort effort, string? name = null, string? savedAgent = null)
    {
        var settings = workspace.Manifest.Search;
        return Strategies.Create(name ?? workspace.Options.Strategy ?? settings.Strategy.Value, OptionsOf(workspace, effort, savedAgent), settings.Strategy.At);
    }

    internal static SearchProblem ProblemOf(Workspace workspace)
    {
        var pricing = workspace.Pricing;
        return new SearchProblem(
            workspace.Model.Items, pricing.Space, pricing.Costs, pricing.Budget, workspace.Random.Fork("search"), workspace.Manifest.Search.TimeLimit)
        {
            Objective = Enum.Parse<SearchObjective>(workspace.Manifest.Objective.ToString()),
            AccuracyDropLimit = workspace.Manifest.Budget.AccuracyDrop is { } drop ? drop.Value.Value : null,
        };
    }

    /// <summary>The problem with what its measurements are made with, and the scores that are known.</summary>
    internal static SearchProblem ProblemOf(Workspace workspace, SearchMeasuring measuring)
    {
        var method = ScoreStage.MethodOf(workspace, measuring.Effort);
        return ProblemOf(workspace) with
        {
            Probes = measuring.Probes, Sensitivity = ScoreStage.Find(workspace, method), Scorer = ScoreStage.ScorerOf(workspace, measuring, method),
        };
    }

    private static SearchOptions OptionsOf(Workspace workspace, SearchEffort effort, string? savedAgent)
    {
        var settings = workspace.Manifest.Search;
        var ddpg = settings.Ddpg;
        return new SearchOptions
        {
            Episodes = workspace.Options.Episodes ?? settings.Episodes,
            Evaluations = effort.Evaluations,
            ExploresByAgent = settings.Explore == SearchExploration.Ddpg || workspace.Options.Agent is not null,
            TrainedAgent = SearchAgent.Trained(workspace),
            SavedAgent = savedAgent,
            Quality = workspace.Manifest.Metric.Kind is { } kind ? Enum.Parse<Quality>(kind.ToString()) : Quality.Top1,
            Ddpg = new DdpgOptions
            {
                WarmUp = ddpg.Warmup,
                Hidden1 = ddpg.Hidden[0],
                Hidden2 = ddpg.Hidden[1],
                ActorRate = ddpg.ActorLearningRate,
                CriticRate = ddpg.CriticLearningRate,
                SoftUpdate = ddpg.Tau,
                Discount = ddpg.Discount,
                Batch = ddpg.Batch,
                ReplayPerLayer = ddpg.MemoryPerLayer,
                RewardAverage = ddpg.MovingAverage,
                Noise = ddpg.NoiseSigma,
                NoiseDecay = ddpg.NoiseDecay,
                RewardScale = ddpg.RewardScale,
                LastLayerInit = ddpg.LastLayerInit,
                Projection = ddpg.Projection == BudgetProjectionKind.Knapsack ? ProjectionKind.Knapsack : ProjectionKind.Sequential,
            },
        };
    }

    private static StageKey KeyOf(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        using var key = new StageKeyBuilder("search", StageVersions.Search);
        key.Add(workspace.CalibrationKey).Add("hardware", workspace.Target.Digest).Add("data", SettingsDigest.OfData(workspace));
        key.Add("budget", SettingsDigest.Of(manifest.Budget)).Add("objective", manifest.Objective.ToString()).Add("metric", SettingsDigest.Of(manifest.Metric));
        key.Add("bits", SettingsDigest.Of(manifest.Bits)).Add("layers", SettingsDigest.Of(manifest.Layers)).Add("quantization", SettingsDigest.Of(manifest.Quantization));
        key.Add("search", SettingsDigest.Of(manifest.Search)).Add("strategy", workspace.Options.Strategy ?? "");
        key.Add("sensitivity", workspace.Options.Sensitivity?.ToString() ?? "").Add("episodes", workspace.Options.Episodes?.ToString(CultureInfo.InvariantCulture) ?? "").Add("seed", workspace.Seed.ToString(CultureInfo.InvariantCulture));
        key.Add("agent", SearchAgent.DigestOf(workspace)).Add("threads", workspace.Options.Threads.ToString(CultureInfo.InvariantCulture));
        return key.Build();
    }

    private static SearchTrial Trial(SearchStep step, SensitivityTable? scores) => new(
        step.Number, step.Cost.LatencySeconds * 1e3, step.Cost.EnergyJoules * 1e3, step.Cost.SizeBits / 8.0, step.Score.Top1, step.Score.Agreement, step.Score.Loss, step.IsBest)
    {
        Predicted = scores?.Predict(step.Policy),
    };

    private static string Describe(SearchStep step)
    {
        string figure = step.Score.Top1 is { } top1 ? $"top-1 {top1.ToString("F2", CultureInfo.InvariantCulture)} %"
            : step.Score.Agreement is { } agreement ? $"agreement {agreement.ToString("F2", CultureInfo.InvariantCulture)} %"
            : $"loss {step.Score.Loss.ToString("G4", CultureInfo.InvariantCulture)}";
        string count = step.Total is { } total ? $"{step.Number} of {total}" : step.Number.ToString(CultureInfo.InvariantCulture);
        return $"{(step.Phase.Length > 0 ? step.Phase : "policy")} {count}: {figure}{(step.IsBest ? ", the best so far" : "")}";
    }
}
