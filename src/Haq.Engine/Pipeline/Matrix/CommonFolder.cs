namespace Haq.Engine.Pipeline.Matrix;

/// <summary>The folder that several files have in common.</summary>
internal static class CommonFolder
{
    /// <summary>The deepest folder that holds all of them, at any depth.</summary>
    public static string Of(IReadOnlyList<string> files)
    {
        string common = Path.GetDirectoryName(files[0])!;
        foreach (string file in files)
            while (Path.GetDirectoryName(common) is { } above && !IsWithin(common, file)) common = above;
        return common;
    }

    /// <summary>The folder of a file as it lies below the common one; empty where it lies in it.</summary>
    public static string Below(string root, string file) => Path.GetRelativePath(root, Path.GetDirectoryName(file)!) is var below && below == "." ? "" : below;

    private static bool IsWithin(string folder, string file) => file.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
