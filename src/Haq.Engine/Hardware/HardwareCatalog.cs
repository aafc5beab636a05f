using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Numerics;

namespace Haq.Engine.Hardware;

/// <summary>Finds targets: the built-in ones by name, a user's by the path of its hardware file.</summary>
public static class HardwareCatalog
{
    private const string Prefix = "targets/", Extension = ".yaml";

    /// <summary>Names of the built-in targets, in alphabetical order.</summary>
    public static ImmutableArray<string> BuiltInNames { get; } =
    [
        .. typeof(HardwareCatalog).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    private static string BuiltInText(string name)
    {
        using var stream = typeof(HardwareCatalog).Assembly.GetManifestResourceStream(Prefix + name + Extension)
            ?? throw new ArgumentException($"'{name}' is not built in", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The target that <paramref name="nameOrPath"/> means: a built-in name, or the path of a hardware file.</summary>
    /// <param name="nameOrPath">As the user wrote it.</param>
    /// <param name="folder">What a relative path is relative to.</param>
    /// <param name="origin">Where the user wrote it, for errors.</param>
    /// <exception cref="HaqException">No such target (HAQ0201), or its file is wrong (HAQ0001 to HAQ0005, HAQ0202 and on).</exception>
    public static HardwareTarget Load(string nameOrPath, string folder, SourceLocation? origin = null)
    {
        if (BuiltInNames.Contains(nameOrPath)) return HardwareReader.Read(nameOrPath, BuiltInText(nameOrPath), folder: null);
        string path = Find(nameOrPath, folder, origin);
        return HardwareReader.Read(path, ReadText(path), Path.GetDirectoryName(path));
    }

    /// <summary>The text of a target's file; <paramref name="nameOrPath"/> as for <see cref="Load"/>.</summary>
    /// <exception cref="HaqException">No such target (HAQ0201), or its file cannot be read (HAQ0202).</exception>
    public static string TextOf(string nameOrPath, string folder, SourceLocation? origin = null) =>
        BuiltInNames.Contains(nameOrPath) ? BuiltInText(nameOrPath) : ReadText(Find(nameOrPath, folder, origin));

    private static string Find(string nameOrPath, string folder, SourceLocation? origin)
    {
        string path = Path.GetFullPath(Path.Combine(folder, nameOrPath));
        if (File.Exists(path)) return path;
        throw DiagnosticCatalog.UnknownHardware.Error(origin, $"{Unknown(nameOrPath)} {Next(nameOrPath, folder)}");
    }

    private static string Unknown(string nameOrPath) =>
        LooksLikePath(nameOrPath) ? $"there is no hardware file '{nameOrPath}'." : $"there is no hardware '{nameOrPath}'.";

    private static string Next(string nameOrPath, string folder)
    {
        if (LooksLikePath(nameOrPath)) return $"It was looked for in {Path.GetFullPath(folder)}; 'haq hardware list' names the built-in ones.";
        string names = string.Join(", ", BuiltInNames);
        return Suggestion.For(nameOrPath, BuiltInNames) is { } meant
            ? $"Did you mean '{meant}'? Built in: {names}."
            : $"Built in: {names}; or give the path of a hardware file.";
    }

    private static bool LooksLikePath(string text) => text.AsSpan().IndexOfAny('/', '\\') >= 0
        || text.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || text.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private static string ReadText(string path)
    {
        try
        {
            OrdinaryFile.Require(path);
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.HardwareUnreadable.Error(path, $"the hardware file cannot be read: {e.Message}", e);
        }
    }
}
