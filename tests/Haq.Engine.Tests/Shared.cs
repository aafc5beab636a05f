
namespace Haq.Engine.Tests;

/// <summary>
/// The folder of real models, data and independent figures that may stand beside a checkout. Tests that need it skip where it is not there.
/// </summary>
internal static class Shared
{
    private static readonly string? s_root = Find();

    /// <summary>The path of a file there; skips the running test when it is missing.</summary>
    public static string File(string relative)
    {
        string? path = s_root is null ? null : Path.Combine(s_root, relative);
        if (path is null || !System.IO.File.Exists(path)) Assert.Skip($"needs {relative} in a folder 'shared' beside the checkout");
        return path!;
    }

    /// <summary>Names of the folders in a folder there, in ordinal order; empty where it is not there.</summary>
    public static IReadOnlyList<string> Folders(string relative) => s_root is not null && Directory.Exists(Path.Combine(s_root, relative))
        ? [.. Directory.EnumerateDirectories(Path.Combine(s_root, relative)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!System.IO.File.Exists(Path.Combine(folder.FullName, "Haq.Build.sln"))) continue;
            string beside = Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared");
            return Directory.Exists(beside) ? beside : null;
        }
        return null;
    }
}
