using Haq.Engine.Diagnostics;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>
/// The file of a search's agent. It is saved with the search's result, so that a search that was killed between the two begins with the agent that it began with before; from there it goes where
/// <c>--agent</c> names.
/// </summary>
internal static class SearchAgent
{
    /// <summary>Its name beside a search's result.</summary>
    public const string FileName = "agent.bin";

    /// <summary>The agent to start from: the file of <c>--agent</c> where it is there, else the manifest's; null to begin anew.</summary>
    /// <exception cref="HaqException">The manifest's is not there (HAQ0805).</exception>
    public static string? Trained(Workspace workspace)
    {
        if (workspace.Options.Agent is { } asked) return File.Exists(asked) ? asked : null;
        if (workspace.Manifest.Search.Agent is not { } named) return null;
        return File.Exists(named.FullPath) ? named.FullPath
            : throw DiagnosticCatalog.InputMissing.Error(named.At, $"there is no agent '{named.Text}' (looked for {named.FullPath}). Train one with 'haq search --strategy ddpg --agent {named.Text}', or leave 'agent' out.");
    }

    /// <summary>What identifies the agent in force.</summary>
    public static string DigestOf(Workspace workspace) => $"{workspace.Options.Agent is not null} {(Trained(workspace) is { } file ? FileDigest.Compute(file) : "")}";

    /// <exception cref="HaqException">An agent is asked for where none takes part (HAQ0011).</exception>
    public static void Check(Workspace workspace, ISearchStrategy strategy)
    {
        if (workspace.Options.Agent is not null && strategy.Name == "knapsack")
            throw DiagnosticCatalog.SettingsConflict.Error((SourceLocation?)null, "strategy 'knapsack' has no agent that '--agent' could load or save. Use 'ddpg', or 'auto', which then explores with it.");
    }

    /// <summary>Copies the agent of a result to where <c>--agent</c> names.</summary>
    /// <exception cref="HaqException">It cannot be written there (HAQ0801).</exception>
    public static void Deliver(Workspace workspace, string folder)
    {
        string saved = Path.Combine(folder, FileName);
        if (workspace.Options.Agent is { } place && File.Exists(saved)) AtomicFile.Write(place, File.ReadAllBytes(saved));
    }
}
