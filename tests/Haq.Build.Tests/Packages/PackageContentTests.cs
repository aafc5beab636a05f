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
