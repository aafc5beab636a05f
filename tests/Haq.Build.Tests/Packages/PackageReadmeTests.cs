using System.Reflection;
using System.Text.RegularExpressions;

namespace Haq.Build.Tests.Packages;

/// <summary>A package page shows the package's README alone: its links are relative to this repository, have to lead to files that exist, and are made absolute when it is packed.</summary>
public sealed partial class PackageReadmeTests
{
    private const string Up = "../../";

    private static readonly string s_root = typeof(PackageReadmeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    [Theory]
    [InlineData("src/Haq.Build.Tasks/README.md")]
    [InlineData("src/Haq.Tool/README.md")]
    public void Links_are_of_the_form_that_is_made_absolute_and_lead_to_files_that_exist(string readme)
    {
        string[] targets = [.. Links(File.ReadAllText(Path.Combine(s_root, readme)))];
        Assert.Contains(targets, t => t.StartsWith(Up, StringComparison.Ordinal));
        foreach (string target in targets)
        {
            if (target.StartsWith("https://", StringComparison.Ordinal)) continue;
            Assert.StartsWith(Up, target, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(s_root, target[Up.Length..])), target);
        }
    }

    /// <summary>Where the links and pictures of a text in Markdown lead.</summary>
    internal static IEnumerable<string> Links(string markdown) => Link().Matches(markdown).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
