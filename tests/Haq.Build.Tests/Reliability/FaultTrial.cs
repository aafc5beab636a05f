using Haq.Engine.Numerics;

namespace Haq.Build.Reliability;

/// <summary>
/// Builds into which something goes wrong, each in a project of its own. After every one the next build, left in peace, must give what an
/// undisturbed one gives byte for byte, leave nothing behind, and the
/// disturbed one must have ended well, have been killed, or have said in one line what is wrong.
/// </summary>
internal sealed class FaultTrial
{
    private readonly FaultKinds _kinds;
    private readonly byte[] _expected;

    /// <param name="seed">Chooses the moments.</param>
    /// <param name="shim">The compiled <c>eng/faults/shim.c</c>; null where there is no compiler.</param>
    public FaultTrial(int seed, string? shim)
    {
        using var undisturbed = new TrialProject();
        undisturbed.Build();
        _expected = File.ReadAllBytes(undisturbed.Output);
        // The quickest of three: a moment after the end is no fault.
        var usual = Enumerable.Range(0, 3).Min(_ =>
        {
            using var timed = new TrialProject();
            return EngineProcess.Run(timed.Request).Elapsed;
        });
        _kinds = new FaultKinds(new SeededRandom((ulong)seed), usual, shim);
    }

    /// <summary>The kinds that can be tried here.</summary>
    public IReadOnlyList<string> Kinds => [.. _kinds.All.Select(k => k.Name)];

    /// <summary>How the disturbed builds of all trials so far ended.</summary>
    public SortedDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Trials so far in which the fault had any force: the victim was at work when it was killed, the call that was to fail was made.</summary>
    public int Effective { get; private set; }

    /// <summary>One trial.</summary>
    /// <returns>What is wrong, or null where all is well.</returns>
    public string? Run(string kind)
    {
        using var project = new TrialProject();
        var disturbed = _kinds.All.Single(k => k.Name == kind).Disturb(project);
        string how = disturbed.ExitCode switch { null => "killed", 0 => "ended well", _ => "refused" };
        Outcomes[how] = Outcomes.GetValueOrDefault(how) + 1;
        if (disturbed.IsEffective) Effective++;
        if (Judge(disturbed) is { } wrong) return wrong;
        try
        {
            project.Build();
        }
        catch (InvalidOperationException e)
        {
            return $"the next build failed: {e.Message.Trim()}";
        }
        if (!File.ReadAllBytes(project.Output).AsSpan().SequenceEqual(_expected)) return "the next build gave something else";
        return project.Leftovers() is [var left, ..] ? $"'{left}' was left" : null;
    }

    private static string? Judge(EngineEnd end)
    {
        if (end.IsOrphaned) return "the engine outlived its build";
        if (end.ExitCode is null or 0) return null;
        return end.Errors is [var line] && !line.Contains("HAQ0883", StringComparison.Ordinal) ? null : $"it said, with status {end.ExitCode}: {end.Said.Trim()}";
    }
}
