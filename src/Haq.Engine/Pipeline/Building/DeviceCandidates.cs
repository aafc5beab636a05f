using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Which policies are worth a measurement on the device.</summary>
internal static class DeviceCandidates
{
    // Policies that are evaluated in full for each place among the candidates: a race that was lost early says little.
    private const int LookedAt = 2;

    /// <summary>What scores candidates: as the search does, except that nothing is predicted.</summary>
    public static IPolicyEvaluator Evaluator(Workspace workspace) =>
        workspace.Manifest.Search.Evaluate == SearchEvaluation.Finetuned ? workspace.Stages.Candidates.Value.Evaluator : workspace.Stages.Measurements.Value.Evaluator;

    /// <summary>The search's own choice and the best others, each as it was found and as it would be exported, with its score on the whole search set; none twice.</summary>
    public static ImmutableArray<(SearchOutcome Found, SearchOutcome Mended)> Of(Workspace workspace, SearchOutcome outcome, int count)
    {
        var (evaluator, quality, cancellation) = (Evaluator(workspace), workspace.Stages.Quality, workspace.Run.Cancellation);
        double least = quality.Of(evaluator.Float) - workspace.Manifest.Budget.AccuracyDrop!.Value.Value.Value;
        workspace.Run.Report("device", $"looking for the best {count} candidates");
        var looked = Pool(workspace, outcome, least).DistinctBy(policy => Computed(workspace, policy)).Take(LookedAt * count)
            .Select(policy => As(outcome, policy, evaluator.Evaluate(policy, cancellation))).ToArray();
        var ranked = Ranked(looked.Skip(1), workspace, f => quality.Of(f.Score!) >= least).Prepend(looked[0]);
        var chosen = new List<(SearchOutcome Found, SearchOutcome Mended)>();
        foreach (var found in ranked)
        {
            var mended = MendedChoice.Of(workspace, found);
            if (chosen.Exists(c => Computed(workspace, c.Mended.Policy).Equals(Computed(workspace, mended.Policy)))) continue;
            if (!mended.Policy.Equals(found.Policy)) mended = mended with { Score = evaluator.Evaluate(mended.Policy, cancellation) };
            chosen.Add((found, mended));
            if (chosen.Count == count) break;
        }
        return [.. chosen];
    }

    // The search's own first, then what it tried, then what it may have passed over: one width for all, and the knapsack's policies from the widest on.
    private static IEnumerable<Policy> Pool(Workspace workspace, SearchOutcome outcome, double least)
    {
        var (pricing, quality) = (workspace.Pricing, workspace.Stages.Quality);
        yield return outcome.Policy;
        var finalists = outcome.Finalists.Select(f => As(outcome, f.Policy, f.Score));
        foreach (var finalist in Ranked(finalists, workspace, f => !f.Score!.StoppedEarly && quality.Of(f.Score) >= least)) yield return finalist.Policy;
        for (int bits = Bitwidth.Eight; bits >= 2; bits--)
            if (pricing.Uniform(bits) is { } uniform && pricing.Space.Contains(uniform) && Affordable(uniform)) yield return uniform;
        if (outcome.Scores is not { } scores) yield break;
        foreach (var policy in new ParetoFront(workspace.Stages.Task.Problem()).Predicted(scores.ToTable()).Reverse())
            if (Affordable(policy)) yield return policy;

        bool Affordable(Policy policy) => pricing.Budget.Admits(pricing.Costs.PriceWhole(policy));
    }

    // Widths that the hardware rounds up to the same ones take as long as each other: the best of them is enough.
    private static Policy Computed(Workspace workspace, Policy policy)
    {
        var supported = workspace.Stages.Target.Value.Bits;
        return new Policy([.. policy.Bits.ToArray().Select(bits => supported.RoundUp(bits) ?? bits)]);
    }

    // As the objective has it: by loss, or by cost among those that keep the accuracy and by loss after them.
    private static IEnumerable<SearchOutcome> Ranked(IEnumerable<SearchOutcome> all, Workspace workspace, Func<SearchOutcome, bool> keeps)
    {
        var (costs, objective) = (workspace.Pricing.Costs, workspace.Manifest.Objective);
        return all.OrderBy(f => !keeps(f))
            .ThenBy(f => objective != SearchObjective.Accuracy && keeps(f) ? SearchGoal.CostOf(objective, costs.PriceWhole(f.Policy)) : f.Score!.Loss);
    }

    private static SearchOutcome As(SearchOutcome outcome, Policy policy, PolicyScore score) => outcome with { Bits = SearchOutcome.Flatten(policy), Score = score };
}
