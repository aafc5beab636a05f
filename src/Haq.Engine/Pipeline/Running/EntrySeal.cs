using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Pipeline.Outputs;

namespace Haq.Engine.Pipeline.Running;

/// <summary>The digests of an entry's files, beside them: what was cut short, changed or lost is seen.</summary>
internal static class EntrySeal
{
    private const string Name = "contents.sha256", LocalMark = "this-machine-only";

    /// <summary>Marks an entry that is about to be sealed: it is of a device that is at this machine.</summary>
    public static void MarkAsThisMachines(string folder) => File.WriteAllText(Path.Combine(folder, LocalMark), "");

    /// <summary>Whether the entry is for no other machine.</summary>
    public static bool IsOfThisMachine(string folder) => File.Exists(Path.Combine(folder, LocalMark));

    /// <summary>The entry is finished, whatever became of it since.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, Name));

    public static void Write(string folder)
    {
        var seal = new StringBuilder();
        foreach (string file in Files(folder)) seal.Append(CultureInfo.InvariantCulture, $"{FileDigest.Compute(file)}  {NameOf(folder, file)}\n");
        if (seal.Length == 0) throw new DirectoryNotFoundException($"'{folder}' was emptied while it was filled");
        // A seal that was cut short would vouch for less than is there: its last line vouches for the others.
        File.WriteAllText(Path.Combine(folder, Name), seal.Append(DigestOf(seal.ToString())).ToString());
    }

    /// <summary>Everything that was sealed is there as it was.</summary>
    public static bool IsIntact(string folder)
    {
        try
        {
            return Lines(folder) is { } lines && lines.All(line => File.Exists(PlaceOf(folder, line)) && FileDigest.Compute(PlaceOf(folder, line)) == line[..64]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Intact, and nothing else is there: what came from elsewhere has no business beside it.</summary>
    public static bool IsExact(string folder) =>
        IsIntact(folder) && Lines(folder)!.Select(l => l[66..]).Append(Name).Order(StringComparer.Ordinal).SequenceEqual(Files(folder).Select(f => NameOf(folder, f)).Order(StringComparer.Ordinal));

    private static string[]? Lines(string folder)
    {
        string seal = Path.Combine(folder, Name);
        if (!File.Exists(seal)) return null;
        string text = File.ReadAllText(seal);
        int end = text.LastIndexOf('\n') + 1;
        if (end == 0 || text[end..] != DigestOf(text[..end])) return null;
        string[] lines = text[..(end - 1)].Split('\n');
        return lines.All(l => l.Length > 66) ? lines : null;
    }

    private static string PlaceOf(string folder, string line) => Path.Combine(folder, line[66..]);

    // The same on every system: entries travel.
    private static string NameOf(string folder, string file) => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
}
