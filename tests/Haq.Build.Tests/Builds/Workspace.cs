
namespace Haq.Build.Tests.Builds;

/// <summary>A folder with projects that take Haq.Build from the feed, apart from the clone's own build files. Its cache is its own.</summary>
internal sealed class Workspace
{
    public Workspace(PackageFeed feed, string name = "work")
    {
        Folder = Path.Combine(Directory.CreateTempSubdirectory("haq-build-tests").FullName, name);
        Cache = Path.Combine(Path.GetDirectoryName(Folder)!, "cache");
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Build.targets", "<Project />");
        Write("Directory.Packages.props", "<Project />");
        Write("nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{feed.Packages}" /></config>
              <packageSources><add key="under-test" value="{feed.Feed}" /></packageSources>
            </configuration>
            """);
    }

    public string Folder { get; }

    public string Cache { get; }

    public string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    public void Write(string relative, string text)
    {
        string path = PathOf(relative.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>A project with Haq.Build.</summary>
    public void AddProject(string name, string frameworks = "net10.0", string items = "", string output = "Library")
    {
        string property = frameworks.Contains(';') ? "TargetFrameworks" : "TargetFramework";
        Write($"{name}/{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>{output}</OutputType><{property}>{frameworks}</{property}></PropertyGroup>
              <ItemGroup><PackageReference Include="Haq.Build" Version="0.1.0-dev" PrivateAssets="all" />{items}</ItemGroup>
            </Project>
            """);
        Write($"{name}/Code.cs", output == "Exe" ? "System.Console.WriteLine();" : $"public class {name.Replace('-', '_')};");
    }

    /// <summary>A manifest with a model and data beside it.</summary>
    public void AddModel(string folder, string manifest = TinyModel.Manifest, int seed = 1)
    {
        Write($"{folder}/haq.yaml", manifest);
        TinyModel.Write(PathOf(folder.Split('/')), seed);
    }

    public DotNetResult Run(string project, params string[] arguments) => DotNet.Run(PathOf(project.Split('/')), Cache, [.. arguments, "-tl:off"]);

    /// <summary>A build whose output says whether the engine was started.</summary>
    public DotNetResult Build(string project, params string[] arguments) => Run(project, ["build", "-v:n", .. arguments]);

    public bool Has(params string[] parts) => File.Exists(PathOf(parts));
}
