using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.LockFiles;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Whether a build goes by its lock file.</summary>
internal static class BuildLock
{
    /// <summary>The lock file where it is up to date; null where the build decides anew.</summary>
    /// <exception cref="HaqException">The build may not decide, and the lock file is missing, cannot be read, or is out of date (HAQ0802, HAQ0803, HAQ0804).</exception>
    public static LockFile? Usable(Workspace workspace, string path)
    {
        var options = workspace.Options;
        if (IsTrial(workspace)) return null;
        workspace.Inputs.Watch(path);
        var found = LockFile.Read(path);
        if (found is null)
        {
            if (!options.Locked) return null;
            throw DiagnosticCatalog.LockMissing.Error(options.Manifest, $"there is no {Path.GetFileName(path)} to build from. Build once without the lock and commit the file.");
        }
        var outdated = Outdated(workspace, found);
        // A choice that timings left undecided is made again, unless nothing may be chosen.
        if (outdated.Count == 0 && (options.Locked || (found.Regions is not { IsUndecided: true } && !DeviceChoice.CanDecide(workspace, found)))) return found;
        if (!options.Locked) return null;
        throw DiagnosticCatalog.LockOutOfDate.Error(
            options.Manifest, $"{Path.GetFileName(path)} is out of date: {string.Join(", ", outdated)} changed since it was written. Build once without the lock and commit the file.");
    }

    /// <summary>A policy, a format, a budget or a target that somebody tries out is no decision of the project's.</summary>
    public static bool IsTrial(Workspace workspace) =>
        workspace.Options is not { Policy: null, Budget: null } || workspace.Options is { Hardware: not null, Cell: null } || workspace.IsFormatOverridden;

    private static List<string> Outdated(Workspace workspace, LockFile locked)
    {
        var now = workspace.Inputs;
        var outdated = locked.Outdated(now.Inputs).Select(Describe).ToList();
        if (locked.Engine.Digest != EngineIdentity.Digest) outdated.Add("the engine");
        if (workspace.Options.Strategy is { } strategy && locked.Search.Strategy != strategy) outdated.Add("the strategy");
        if (locked.Search.Seed != (ulong)workspace.Seed) outdated.Add("the seed");
        return outdated;

        string Describe(string role)
        {
            if (role == "manifest"
                && locked.Manifest is { } before)
            {
                return $"the manifest ({string.Join("; ", ManifestContent.Differences(before, now.Manifest).DefaultIfEmpty("the order of its entries"))})";
            }

            return (now.Inputs.GetValueOrDefault(role) ?? locked.Inputs.GetValueOrDefault(role)) is { } input ? $"{role} ({input.Path})" : role;
        }
    }
}
