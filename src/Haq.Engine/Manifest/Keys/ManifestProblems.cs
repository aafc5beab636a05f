using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>Everything that is wrong with a manifest, key by key, where the reading of it ended with the first.</summary>
internal static class ManifestProblems
{
    private const int Most = 20;

    /// <summary>The first problem and those beside it, in the order written.</summary>
    public static IReadOnlyList<Diagnostic> With(HaqException first, YamlMapping root)
    {
        var others = Of(root, ManifestKeys.Group).Where(d => d != first.Diagnostic);
        return [.. others.Prepend(first.Diagnostic).Distinct().OrderBy(d => d.Location?.Line ?? 0).ThenBy(d => d.Location?.Column ?? 0).Take(Most)];
    }

    private static IEnumerable<Diagnostic> Of(YamlMapping mapping, KeyGroup group)
    {
        foreach (var unknown in mapping.UnknownKeys(group.Names)) yield return unknown;
        foreach (var key in group.Keys)
        {
            if (mapping.Find(key.Name) is not { IsNull: false } value)
            {
                if (key.Required && Try(() => mapping.Require(key.Name, key.Summary)) is { } missing) yield return missing;
                continue;
            }
            Diagnostic[] within = key.Group is { } inner && value.IsMapping ? [.. Of(value.AsMapping(), inner)] : [];
            foreach (var problem in within) yield return problem;
            // What its keys say together is looked at where each is right by itself.
            if (within.Length == 0 && Try(() => key.Check(value)) is { } wrong) yield return wrong;
        }
    }

    private static Diagnostic? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (HaqException e)
        {
            return e.Diagnostic;
        }
    }
}
