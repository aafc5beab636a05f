using System.IO.Compression;
using System.Xml.Linq;
using Haq.Build.Tests.Builds;

namespace Haq.Build.Tests.Packages;

/// <summary>What is in Haq.Build's package, packed for this machine: what a build host loads, and what a package page shows.</summary>
public sealed class PackageContentTests(PackageFeed feed)
{
    [Fact]
    public void It_has_what_a_package_page_shows_and_depends_on_nothing()
    {
        using var package = Open();
        using var stream = package.Entries.Single(e => e.FullName == "Haq.Build.nuspec").Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        string Text(string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
        foreach (string file in (string[])[Text("readme"), Text("icon")]) Assert.Contains(package.Entries, e => e.FullName == file && e.Length > 100);
        Assert.StartsWith("https://", Text("projectUrl"), StringComparison.Ordinal);
        Assert.Equal("MIT", Text("license"));
        Assert.DoesNotContain(metadata.Descendants(), e => e.Name.LocalName == "dependency");
    }

    [Fact]
    public void Its_readme_has_absolute_links_into_the_project_and_is_whole()
    {
        using var package = Open();
        string project = XDocument.Load(Path.Combine(feed.RepositoryRoot, "Directory.Build.props")).Descendants("PackageProjectUrl").Single().Value;
        string Read(string entry)
        {
            using var reader = new StreamReader(package.GetEntry(entry)!.Open());
            return reader.ReadToEnd();
        }
        string source = File.ReadAllText(Path.Combine(feed.RepositoryRoot, "src", "Haq.Build.Tasks", "README.md")), packed = Read("README.md");
        string[] links = [.. PackageReadmeTests.Links(packed)];
        Assert.Equal(PackageReadmeTests.Links(source).Count(), links.Length);
        Assert.All(links, link => Assert.StartsWith("https://", link, StringComparison.Ordinal));
        Assert.Contains($"{project}/raw/main/docs/images/report.png", links);
        Assert.Contains($"{project}/blob/main/docs/manifest.md", links);
        string back = packed.Replace($"{project}/raw/main/", "../../", StringComparison.Ordinal).Replace($"{project}/blob/main/", "../../", StringComparison.Ordinal);
        Assert.Equal(source.ReplaceLineEndings("\n").TrimEnd(), back.ReplaceLineEndings("\n").TrimEnd());
    }

    [Fact]
    public void Its_native_libraries_are_those_of_this_machine()
    {
        using var package = Open();
        string[] natives = [.. package.Entries.Select(e => e.FullName).Where(n => n.Contains("/runtimes/", StringComparison.Ordinal))];
        Assert.Contains(natives, n => Path.GetFileNameWithoutExtension(n).EndsWith("onnxruntime", StringComparison.Ordinal));
        Assert.Contains(natives, n => Path.GetFileNameWithoutExtension(n).EndsWith("ortextensions", StringComparison.Ordinal));
        Assert.Single(natives.Select(n => n[..n.LastIndexOf('/')]).Distinct());
        Assert.DoesNotContain(natives, n => Path.GetExtension(n) is ".aar" or ".zip" or ".lib");
    }

    private ZipArchive Open() => ZipFile.OpenRead(Assert.Single(Directory.GetFiles(feed.Feed, "Haq.Build.*.nupkg")));
}
