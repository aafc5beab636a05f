using Haq.Engine.Pipeline.Running;
using Haq.Engine.Yaml;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>What a manifest says, value by value: a comment, an empty line or another way of writing is no change, and what did change can be named.</summary>
internal static class ManifestContent
{
    /// <summary>Values by their path, and the digest of all in their order.</summary>
    public static (string Digest, SortedDictionary<string, string> Values) Of(string file)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var key = new StageKeyBuilder("manifest", 1);
        foreach (var (path, value) in YamlReader.Parse(file, File.ReadAllText(file)).Flatten())
        {
            key.Add(path, value);
            values[path] = value;
        }
        return (key.Build().Digest, values);
    }

    /// <summary>The differences between two manifests, for people.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        foreach (string path in before.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            bool was = before.TryGetValue(path, out string? old), found = now.TryGetValue(path, out string? current);
            if (was && found && old == current) continue;
            yield return !was ? $"{path}: {current} is new" : !found ? $"{path}: {old} is gone" : $"{path}: {old} -> {current}";
        }
    }
}
