using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Stages.Placing;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Chooses the bits: by a search, because they are given, or because there is no choice.</summary>
internal static class Choose
{
    /// <summary>The outcome. When a search is interrupted, <paramref name="onInterrupted"/> gets the best policy so far before the interruption goes on.</summary>
    public static SearchOutcome Policy(Workspace workspace, Action<Policy> onInterrupted)
    {
        var stages = workspace.Stages;
        var given = workspace.Options.Policy?.Invoke(workspace.Model.Items);
        DeviceChoice.RequireWhatItNeeds(workspace);
        if (stages.IsMeasured)
        {
            DeviceChoice.Leave(workspace, "whole files are timed on this machine already");
            return Measured(workspace, given);
        }
        if (given is not null)
        {
            return Fixed(SearchOutcome.GivenPolicy, given) with { NothingToMeasure = DeviceChoice.Leave(workspace, "the policy is given") };
        }
        var space = workspace.Pricing.Space;
        if (Enumerable.Range(0, space.Layers).All(layer => space.ChoicesOf(layer).Length == 1))
        {
            return Fixed(SearchOutcome.NoChoice, space.Widest) with { NothingToMeasure = DeviceChoice.Leave(workspace, "every layer has one choice of widths alone") };
        }
        var searched = stages.Searched(stages.Strategy, onInterrupted).Value;
        if (workspace.Options.Agent is { } place && searched.Agent is { } agent) AtomicFile.Write(place, agent);
        var plain = PlainerChoice.Of(stages, searched.Outcome, workspace.Manifest.Objective, workspace.Run.Cancellation);
        var outcome = DeviceChoice.Of(workspace, plain);
        // Another search may go on in the journals.
        stages.Candidates.Close();
        stages.Measurements.Close();
        return outcome;
    }

    private static SearchOutcome Measured(Workspace workspace, Policy? given)
    {
        var outcome = given is null ? workspace.Stages.Regions.Value : workspace.Stages.RegionsUnder(given).Value with { Strategy = SearchOutcome.GivenPolicy };
        if (RegionVerdicts.Warning(outcome.Regions!, workspace.Manifest.File) is { } warning) workspace.Run.Warn(warning);
        return outcome;
    }

    private static SearchOutcome Fixed(string strategy, Policy policy) => new() { Strategy = strategy, Bits = SearchOutcome.Flatten(policy) };
}
