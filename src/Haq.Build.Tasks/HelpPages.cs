using System;
using System.IO;

namespace Haq.Build.Tasks;

/// <summary>The pages about diagnostics that the package carries.</summary>
internal static class HelpPages
{
    private static readonly string s_folder =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(HelpPages).Assembly.Location) ?? "", "..", "..", "docs", "diagnostics"));

    /// <summary>The address of a code's page; null where the package was not unpacked with its pages.</summary>
    public static string? LinkTo(string code)
    {
        string page = Path.Combine(s_folder, code + ".md");
        return File.Exists(page) ? new Uri(page).AbsoluteUri : null;
    }
}
