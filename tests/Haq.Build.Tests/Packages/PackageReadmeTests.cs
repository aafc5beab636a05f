using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Haq.Build.Tests.Packages;

/// <summary>A package page shows the package's README alone: its links have to be absolute, and those into this repository have to lead somewhere.</summary>
public sealed partial class PackageReadmeTests
{
    private static readonly string s_root = typeof(PackageReadmeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    [Theory]
    [InlineData("src/Haq.Build.Tasks/README.md")]
    [InlineData("src/Haq.Tool/README.md")]
    public void Links_are_absolute_and_lead_to_files_that_exist(string readme)
    {
        string project = XDocument.Load(Path.Combine(s_root, "Directory.Build.props")).Descendants("PackageProjectUrl").Single().Value;
        string[] targets = [.. Link().Matches(File.ReadAllText(Path.Combine(s_root, readme))).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(targets);
        foreach (string target in targets)
        {
            Assert.StartsWith("https://", target, StringComparison.Ordinal);
            if (!target.StartsWith(project, StringComparison.Ordinal)) continue;
            string path = InRepository().Match(target[project.Length..]).Groups[1].Value;
            Assert.True(File.Exists(Path.Combine(s_root, path)), target);
        }
        Assert.Contains(targets, t => t.StartsWith(project, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^/(?:blob|raw)/main/(.+)$")]
    private static partial Regex InRepository();
}
