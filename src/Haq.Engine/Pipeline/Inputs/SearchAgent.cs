using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>The agent that a search starts from: the file of <c>--agent</c> where it is there, else the manifest's.</summary>
/// <param name="File">Null to begin anew.</param>
/// <param name="Sha256">Of the file; null without one.</param>
/// <param name="IsAsked">The caller names a file, to which the agent is saved at the end.</param>
internal sealed record SearchAgent([property: Running.NoInfluence("its content is in Sha256")] string? File, string? Sha256, bool IsAsked)
{
    /// <exception cref="HaqException">The manifest's file is not there (HAQ0805), or an agent is asked for where none takes part (HAQ0011).</exception>
    public static SearchAgent Of(HaqManifest manifest, PipelineOptions asked, string strategy)
    {
        if (asked.Agent is not null && Strategies.AgentOf(strategy) == AgentUse.Never)
        {
            throw DiagnosticCatalog.SettingsConflict.Error((SourceLocation?)null,
                $"strategy '{strategy}' has no agent that '--agent' could load or save. Use 'ddpg', or 'auto', which then explores with it.");
        }

        string? file = Trained(manifest, asked);
        return new SearchAgent(file, file is null ? null : FileDigest.Compute(file), asked.Agent is not null);
    }

    private static string? Trained(HaqManifest manifest, PipelineOptions asked)
    {
        if (asked.Agent is { } wanted) return System.IO.File.Exists(wanted) ? wanted : null;
        if (manifest.Search.Agent is not { } named) return null;
        return System.IO.File.Exists(named.FullPath) ? named.FullPath
            : throw DiagnosticCatalog.InputMissing.Error(named.At,
                $"there is no agent '{named.Text}' (looked for {named.FullPath}). Train one with 'haq search --strategy ddpg --agent {named.Text}', or leave 'agent' out.");
    }
}
