using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Engine.Dialects;

/// <summary>Finds targets: the built-in ones by name, a user's by the path of its file.</summary>
public static class DialectCatalog
{
    private const string Prefix = "dialects/", Extension = ".yaml";

    /// <summary>Names of the built-in targets, in alphabetical order.</summary>
    public static ImmutableArray<string> BuiltInNames { get; } =
    [
        .. typeof(DialectCatalog).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The target that <paramref name="nameOrPath"/> means: a built-in name, or the path of a target file.</summary>
    /// <param name="nameOrPath">As the user wrote it.</param>
    /// <param name="folder">What a relative path is relative to.</param>
    /// <param name="origin">Where the user wrote it, for errors.</param>
    /// <exception cref="HaqException">No such target (HAQ0221), its file cannot be read (HAQ0222) or is wrong (HAQ0001 to HAQ0005, HAQ0223, HAQ0224).</exception>
    public static DialectProfile Load(string nameOrPath, string folder, SourceLocation? origin = null)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        if (BuiltInNames.Contains(nameOrPath)) return DialectReader.Read(nameOrPath, BuiltInText(nameOrPath));
        string path = Find(nameOrPath, folder, origin);
        return DialectReader.Read(path, ReadText(path, origin));
    }

    /// <summary>The text of a target's file; <paramref name="nameOrPath"/> as for <see cref="Load"/>.</summary>
    /// <exception cref="HaqException">No such target (HAQ0221), or its file cannot be read (HAQ0222).</exception>
    public static string TextOf(string nameOrPath, string folder) =>
        BuiltInNames.Contains(nameOrPath) ? BuiltInText(nameOrPath) : ReadText(Find(nameOrPath, folder, origin: null), origin: null);

    /// <summary>The path of a user's file; null for a built-in target.</summary>
    /// <exception cref="HaqException">No such target (HAQ0221).</exception>
    public static string? FileOf(string nameOrPath, string folder, SourceLocation? origin = null) =>
        BuiltInNames.Contains(nameOrPath) ? null : Find(nameOrPath, folder, origin);

    private static string BuiltInText(string name)
    {
        using var stream = typeof(DialectCatalog).Assembly.GetManifestResourceStream(Prefix + name + Extension)
            ?? throw new ArgumentException($"'{name}' is not built in", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Find(string nameOrPath, string folder, SourceLocation? origin)
    {
        string path = Path.GetFullPath(Path.Combine(folder, nameOrPath));
        if (File.Exists(path)) return path;
        bool isPath = nameOrPath.AsSpan().IndexOfAny('/', '\\') >= 0 || nameOrPath.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            || nameOrPath.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
        string names = string.Join(", ", BuiltInNames);
        string next = isPath ? $"It was looked for in {Path.GetFullPath(folder)}; 'haq target list' names the built-in ones."
            : Suggestion.For(nameOrPath, BuiltInNames) is { } meant ? $"Did you mean '{meant}'? Built in: {names}."
            : $"Built in: {names}; or give the path of a target file.";
        throw DiagnosticCatalog.UnknownTarget.Error(origin, $"there is no target{(isPath ? " file" : "")} '{nameOrPath}'. {next}");
    }

    private static string ReadText(string path, SourceLocation? origin)
    {
        try
        {
            OrdinaryFile.Require(path);
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.TargetUnreadable.Error(origin ?? new SourceLocation(path), $"the target file '{path}' cannot be read: {e.Message} Mend the path or grant permission.", e);
        }
    }
}
