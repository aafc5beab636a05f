using System.Reflection;

[assembly: AssemblyFixture(typeof(Haq.Build.Tests.Builds.PackageFeed))]

namespace Haq.Build.Tests.Builds;

/// <summary>Haq.Build, packed once from what was just built, on a feed of its own, with a packages folder that no other project shares.</summary>
public sealed class PackageFeed : IDisposable
{
    private readonly Lazy<string> _feed;

    public PackageFeed()
    {
        RepositoryRoot = Metadata("RepositoryRoot");
        Root = Directory.CreateTempSubdirectory("haq-build-tests").FullName;
        _feed = new Lazy<string>(Pack);
    }

    /// <summary>The clone.</summary>
    public string RepositoryRoot { get; }

    /// <summary>A scratch folder, removed at the end.</summary>
    public string Root { get; }

    /// <summary>The folder with the package; packed when first asked for.</summary>
    public string Feed => _feed.Value;

    /// <summary>Kept between runs, without Haq.Build: targeting packs need not be fetched each time.</summary>
    public string Packages => Path.Combine(RepositoryRoot, "artifacts", "build-tests", "packages");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string Pack()
    {
        string feed = Path.Combine(Root, "feed");
        string extracted = Path.Combine(Packages, "haq.build");
        if (Directory.Exists(extracted)) Directory.Delete(extracted, recursive: true);
        DotNet.Run(RepositoryRoot, Path.Combine(Root, "cache"),
            "pack", "src/Haq.Build.Tasks/Haq.Build.Tasks.csproj", "--no-build", "-c", Metadata("Configuration"), "-p:PackNativesFor=host",
                "-p:MinVerVersionOverride=0.1.0-dev", "-o", feed, "-tl:off").Succeeded();
        return feed;
    }

    private static string Metadata(string key) =>
        typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
