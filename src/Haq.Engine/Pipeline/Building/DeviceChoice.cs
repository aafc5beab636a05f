using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Building;

/// <summary><c>search: {measure: top N}</c>: the device has the last word. Of the best candidates, timed there as whole files, the fastest that keeps the accuracy is taken.</summary>
internal static class DeviceChoice
{
    /// <summary>How often each candidate is timed.</summary>
    public const int Rounds = 3;

    /// <summary>What measuring needs is there, or this says what is missing: before anything is searched.</summary>
    /// <exception cref="HaqException">There is no limit of accuracy, or no command (HAQ0238), or it is none (HAQ0236).</exception>
    public static void RequireWhatItNeeds(Workspace workspace)
    {
        var manifest = workspace.Manifest;
        if (manifest.Search.Measure is not { } measure || workspace.Stages.IsMeasured) return;
        if (manifest.Budget.AccuracyDrop is null)
        {
            throw DiagnosticCatalog.LoopIncomplete.Error(measure.At, $"'measure: top {measure.Value}' takes the fastest candidate that keeps the accuracy, and nothing says how much may be lost. "
                + "Add it to the budget, for example 'budget: {accuracy-drop: 1 %}'.");
        }
        if (workspace.Options.Device is null) return;
        if (Asked(workspace) is not { } run)
        {
            throw DiagnosticCatalog.LoopIncomplete.Error(measure.At, $"'measure: top {measure.Value}' asks for times of whole files, and the hardware file of '{workspace.Target.Name}' has no 'run:', the command that takes them. "
                + "Add it there, for example run: \"python3 my-board.py {}\", or build with 'haq quantize --run CMD' or '--ssh HOST'.");
        }
        _ = CommandTemplate.Parse(run.Command, "run:", measure.At);
    }

    /// <summary>How candidates are measured; null where they are not to be, or nothing may be started, or no command is known.</summary>
    public static DeviceRun? Asked(Workspace workspace)
    {
        if (workspace.Manifest.Search.Measure is null || workspace.Options.Device is not { } access) return null;
        if ((access.Run ?? workspace.Target.Run) is not { } command) return null;
        // What is said at the prompt runs there; what a file says means the same whoever builds from wherever.
        string folder = access.Run is null ? Path.GetDirectoryName(Path.GetFullPath(workspace.Manifest.File))! : Environment.CurrentDirectory;
        return new DeviceRun(command, access.Runner ?? workspace.Target.Runner ?? new RemoteOptions().Runner, access.Remote ?? (access.Run is null ? workspace.Target.Remote : null), folder);
    }

    /// <summary>A build that may measure decides anew where the lock file's choice was not measured, and might have been.</summary>
    public static bool CanDecide(Workspace workspace, LockFile locked) => locked is { Device: null, Regions: null, NothingToMeasure: null } && Asked(workspace) is not null;

    /// <summary>The manifest asks for measuring, and nothing was measured because that was not allowed.</summary>
    public static bool IsOpen(Workspace workspace, DeviceFacts? device, string? nothingToMeasure) =>
        device is null && nothingToMeasure is null && workspace.Manifest.Search.Measure is not null && !workspace.Stages.IsMeasured && workspace.Options is { Device: null, Policy: null };

    /// <summary>Says that the lock file's choice was never measured, or that there was nothing to measure.</summary>
    public static void WarnOfLock(Workspace workspace, LockFile locked)
    {
        if (locked.NothingToMeasure is { } why) Leave(workspace, why);
        if (IsOpen(workspace, locked.Device, locked.NothingToMeasure)) workspace.Run.Warn(NotAllowed(workspace.Manifest.Search.Measure!.Value.At, "the choice in haq.lock.json was not measured"));
    }

    /// <summary>Says that there is nothing to measure, and why, where the manifest asks for it.</summary>
    /// <returns>Why; null where the manifest does not ask.</returns>
    public static string? Leave(Workspace workspace, string why)
    {
        if (workspace.Manifest.Search.Measure is not { } measure) return null;
        workspace.Run.Warn(DiagnosticCatalog.LoopWithoutChoice.At(measure.At, $"'measure: top {measure.Value}' has nothing to decide: {why}. Remove it, or leave a choice."));
        return why;
    }

    /// <summary>The outcome, or another candidate in its place.</summary>
    public static SearchOutcome Of(Workspace workspace, SearchOutcome outcome)
    {
        if (workspace.Manifest.Search.Measure is not { } measure) return outcome with { Finalists = [] };
        if (Asked(workspace) is not { } run)
        {
            workspace.Run.Warn(NotAllowed(measure.At, "the best candidates were not measured on the device, and the search's own choice stands"));
            return outcome with { Finalists = [] };
        }
        var candidates = DeviceCandidates.Of(workspace, outcome, measure.Value);
        if (candidates.Length < 2) return outcome with { Finalists = [], NothingToMeasure = Leave(workspace, "no second policy is within the budget") };
        var times = workspace.Stages.OnDevice([.. candidates.Select(c => c.Mended.Policy)], run, Rounds, measure.At).Value;
        var quality = workspace.Stages.Quality;
        double least = quality.Of(DeviceCandidates.Evaluator(workspace).Float) - workspace.Manifest.Budget.AccuracyDrop!.Value.Value.Value;
        var facts = Facts(workspace, candidates, times, least);
        int chosen = Fastest(facts);
        if (chosen < 0)
        {
            chosen = 0;
            workspace.Run.Warn(DiagnosticCatalog.LoopWithoutWinner.At(measure.At, string.Create(CultureInfo.InvariantCulture,
                $"none of {facts.Length} candidates has {least:0.##} % or more on the search set, the best {facts.Max(f => f.Quality):0.##} %: the search's own choice stands. Raise the budget or accuracy-drop, or fine-tune.")));
        }
        var device = new DeviceFacts
        {
            By = CommandName.Of(CommandTemplate.Parse(run.Command, "run:", measure.At)),
            Rounds = Rounds,
            LeastQuality = least,
            PredictedMs = facts[chosen].PredictedMs,
            MeasuredMs = facts[chosen].MeasuredMs,
            SpreadMs = facts[chosen].SpreadMs,
            Candidates = [.. facts.Select((f, i) => f with { IsChosen = i == chosen })],
        };
        outcome = outcome with { Device = device, Finalists = [] };
        if (chosen == 0) return outcome;
        return outcome with { Bits = candidates[chosen].Found.Bits, Score = candidates[chosen].Found.Score, Uniform = null, PredictedLoss = null, OptimalityGap = null };
    }

    private static ImmutableArray<DeviceCandidate> Facts(Workspace workspace, ImmutableArray<(SearchOutcome Found, SearchOutcome Mended)> candidates, DeviceTimes times, double least)
    {
        var (quality, costs) = (workspace.Stages.Quality, workspace.Pricing.Costs);
        return [.. candidates.Select((candidate, i) =>
        {
            var policy = candidate.Mended.Policy;
            var bits = policy.Bits.ToArray().Take(workspace.Model.Layers.Length).ToArray();
            double[] seconds = [.. times.Files[i].Seconds.Order()];
            double own = quality.Of(candidate.Mended.Score!);
            return new DeviceCandidate
            {
                Policy = policy.Digest,
                WeightBits = bits.Average(b => b.Weights.Bits),
                ActivationBits = bits.Average(b => b.Activations.Bits),
                Quality = own,
                KeepsAccuracy = own >= least,
                PredictedMs = costs.PriceWhole(policy).LatencySeconds * 1e3,
                MeasuredMs = seconds[seconds.Length / 2] * 1e3,
                SpreadMs = (seconds[^1] - seconds[0]) * 1e3,
                EnergyMj = times.Files[i].Joules * 1e3,
            };
        })];
    }

    // Of equal times the first counts: candidates stand in the search's own order.
    private static int Fastest(ImmutableArray<DeviceCandidate> facts)
    {
        int best = -1;
        for (int i = 0; i < facts.Length; i++)
            if (facts[i].KeepsAccuracy && (best < 0 || facts[i].MeasuredMs < facts[best].MeasuredMs)) best = i;
        return best;
    }

    private static Diagnostic NotAllowed(SourceLocation at, string what) => DiagnosticCatalog.LoopNotAllowed.At(at,
        $"{what}: a build starts no command unless it is allowed to. Allow it with 'haq quantize --measure', or with <HaqMeasure>true</HaqMeasure> in the project (dotnet build -p:HaqMeasure=true), once the hardware file's 'run:' is one that you trust.");
}
