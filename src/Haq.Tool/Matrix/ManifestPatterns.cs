using System.IO.Enumeration;
using Haq.Engine.Diagnostics;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Haq.Tool.Matrix;

/// <summary>
/// Manifests by name, folder or pattern, for shells that expand none: <c>*</c> stands for a part of a name, <c>**</c> for folders at any depth. Links to folders, hidden folders, and those that
/// tools write (bin, obj, node_modules) are not looked into unless the pattern names them.
/// </summary>
internal static class ManifestPatterns
{
    private static readonly string[] s_written = ["bin", "obj", "node_modules"];

    /// <summary>It is a pattern and no file's name.</summary>
    public static bool IsPattern(string argument) => argument.Contains('*') && !Path.Exists(argument);

    /// <summary>Absolute paths, each once, in the order of the arguments; what one pattern matches, in alphabetical order. Without arguments <c>haq.yaml</c> in the current folder.</summary>
    /// <exception cref="HaqException">There is no such manifest (HAQ0006), or a pattern matches none (HAQ0023).</exception>
    public static string[] Expand(string[] arguments)
    {
        if (arguments.Length == 0) return [ManifestArgument.Resolve(null)];
        return [.. arguments.SelectMany(a => IsPattern(a) ? Matches(a) : [ManifestArgument.Resolve(a)]).Distinct(StringComparer.Ordinal)];
    }

    private static string[] Matches(string pattern)
    {
        string[] parts = pattern.Replace('\\', '/').Split('/');
        int plain = Array.FindIndex(parts, part => part.Contains('*'));
        string folder = Path.GetFullPath(plain == 0 ? "." : string.Join('/', parts[..plain]) is { Length: > 0 } start ? start : "/");
        string below = string.Join('/', parts[plain..]);
        string[] found = [];
        if (Directory.Exists(folder))
        {
            var matcher = new Matcher(OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase).AddInclude(below);
            var named = parts[plain..].ToHashSet(StringComparer.Ordinal);
            found = [.. matcher.Match(folder, FilesBelow(folder, named)).Files.Select(f => Path.GetFullPath(Path.Combine(folder, f.Path))).Order(StringComparer.Ordinal)];
        }
        if (found.Length > 0) return found;
        throw DiagnosticCatalog.NoManifests.Error((SourceLocation?)null, $"no file matches '{pattern}' (looked for below {folder}). Name a manifest, or a pattern such as '**/haq.yaml'.");
    }

    private static FileSystemEnumerable<string> FilesBelow(string folder, HashSet<string> named) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.FileName.ToString() is var name && (named.Contains(name) || !(name.StartsWith('.') || s_written.Contains(name))),
        };
}
