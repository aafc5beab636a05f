namespace Haq.Tool.Output;

/// <summary>A file as a reader finds it: from the current folder where it lies in it or near it, by its whole path elsewhere.</summary>
internal static class ShownPath
{
    private static readonly string s_far = Path.Combine("..", "..", "..");

    /// <param name="path">Absolute.</param>
    public static string Of(string path) =>
        Path.GetRelativePath(Directory.GetCurrentDirectory(), path) is var near && near.StartsWith(s_far, StringComparison.Ordinal) ? path : near;
}
