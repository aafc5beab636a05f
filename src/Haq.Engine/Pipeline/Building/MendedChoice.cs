using Haq.Engine.Pipeline.Repairs;
using Haq.Engine.Pipeline.Results;

namespace Haq.Engine.Pipeline.Building;

/// <summary>A choice after its outputs were looked at: what 8 bits would ruin is wider.</summary>
internal static class MendedChoice
{
    /// <summary>The outcome as it is exported.</summary>
    public static SearchOutcome Of(Workspace workspace, SearchOutcome outcome)
    {
        outcome = outcome with { Excuse = Excuse.Of(workspace.Manifest, outcome, workspace.Pricing) };
        if (workspace.Stages.IsMeasured || workspace.Model.Float.IsHuge || outcome.Excuse is not null) return outcome;
        var mended = workspace.Stages.Mended(outcome.Policy, Excuse.Eight(outcome.Policy, workspace.Pricing)).Value;
        return outcome with { Bits = mended.Bits, Mending = mended.What, Excuse = mended.IsUnaffordable ? "budget" : null };
    }
}
