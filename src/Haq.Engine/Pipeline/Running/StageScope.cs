using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Running;

/// <summary>What the runner lends to a stage while it runs.</summary>
internal sealed class StageScope(StageRunner runner, string stage, IKeyed result, string? folder)
{
    /// <summary>Ends whatever is under way.</summary>
    public CancellationToken Cancellation => runner.Cancellation;

    /// <summary>Since the run began.</summary>
    public TimeSpan Elapsed => runner.Elapsed;

    /// <summary>Of a cached stage: where the entry is being made, for files that somebody else writes.</summary>
    public string Folder => folder ?? throw new InvalidOperationException($"'{stage}' is not cached, so that it has no folder");

    /// <summary>Tells whoever watches.</summary>
    public void Report(string message, double? fraction = null, TimeSpan? remaining = null) => runner.Report(stage, message, fraction, remaining);

    /// <summary>Adds a warning unless it was given already.</summary>
    public void Warn(Diagnostic warning) => runner.Warn(warning);

    /// <summary>Before a stage keeps something by itself, such as a checkpoint or a line of a journal.</summary>
    /// <exception cref="HaqException">An input is no longer what it was when it was read (HAQ0806).</exception>
    public void RequireUnchanged() => runner.RequireUnchanged();

    /// <summary>What is made now serves this run, and is made again by the next: it is no answer yet.</summary>
    public void KeepForThisRun() => runner.KeepForThisRun(result.Key);

    /// <summary>A folder that survives a kill, held for this result alone: checkpoints are there when it is made again.</summary>
    public WorkFolder HoldWork() => runner.HoldWork(result.Key);

    /// <summary>A folder of measurements about <paramref name="subject"/> that several results share; null where the cache cannot be written.</summary>
    /// <param name="name">What is kept there.</param>
    /// <param name="version">Raised whenever the measurements mean something else.</param>
    /// <param name="subject">A record as of a stage's inputs.</param>
    public (StageKey Key, string Folder)? Journal(string name, int version, object subject) => runner.Journal(RecordDigest.Of(name, version, subject));
}
