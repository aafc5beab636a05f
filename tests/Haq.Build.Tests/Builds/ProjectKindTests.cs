using System.IO.Compression;

namespace Haq.Build.Tests.Builds;

/// <summary>Kinds of projects besides the plain one.</summary>
public sealed class ProjectKindTests(PackageFeed feed)
{
    [Fact]
    public void A_file_based_app_notices_an_edited_and_an_invalid_manifest()
    {
        var work = new Workspace(feed);
        work.Write("tool/app.cs", """
            #:package Haq.Build@0.1.0-dev
            #:property EnableDefaultHaqItems=false
            System.Console.WriteLine("ran");

            """);
        work.Write("tool/Directory.Build.targets", """<Project><ItemGroup><HaqManifest Include="$(MSBuildThisFileDirectory)haq.yaml" /></ItemGroup></Project>""");
        work.AddModel("tool");

        Assert.Contains("ran", work.Run("tool", "run", "app.cs").Succeeded().Output, StringComparison.Ordinal);
        string locked = File.ReadAllText(work.PathOf("tool", "haq.lock.json"));

        work.Write("tool/haq.yaml", TinyModel.Manifest.Replace("weights: 4", "weights: 6", StringComparison.Ordinal));
        work.Run("tool", "run", "app.cs").Succeeded();
        Assert.NotEqual(locked, File.ReadAllText(work.PathOf("tool", "haq.lock.json")));

        work.Write("tool/haq.yaml", TinyModel.Manifest + "bitz: 4\n");
        Assert.Contains("HAQ0002", work.Run("tool", "run", "app.cs").Failed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dotnet_watch_watches_manifests_models_and_data()
    {
        var work = new Workspace(feed);
        work.AddProject("app", output: "Exe");
        work.AddModel("app/Models");
        work.Run("app", "restore").Succeeded();
        Watches("haq.yaml", "tiny.onnx");
        // Data is known by what a build read.
        work.Build("app").Succeeded();
        Watches("haq.yaml", "tiny.onnx", "images.npy");

        void Watches(params string[] files)
        {
            string[] list = [.. DotNet.Run(work.PathOf("app"), work.Cache, "watch", "--list").Succeeded().Output.Split('\n').Select(line => line.Trim())];
            Assert.All(files, file => Assert.Contains(work.PathOf("app", "Models", file), list));
        }
    }

    [Fact]
    public void A_web_project_serves_the_model_below_wwwroot_and_publishes_no_sources()
    {
        var work = new Workspace(feed);
        work.Write("web/web.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><PackageReference Include="Haq.Build" Version="0.1.0-dev" PrivateAssets="all" /></ItemGroup>
            </Project>
            """);
        work.Write("web/Program.cs", "var app = WebApplication.CreateBuilder(args).Build(); app.MapStaticAssets(); app.Run();");
        work.AddModel("web/wwwroot/models");
        work.AddModel("web/Models", seed: 2);

        work.Build("web").Succeeded();
        string endpoints = File.ReadAllText(work.PathOf("web", "bin", "Debug", "net10.0", "web.staticwebassets.endpoints.json"));
        Assert.Contains("models/tiny.haq.onnx", endpoints, StringComparison.Ordinal);
        string runtime = File.ReadAllText(work.PathOf("web", "bin", "Debug", "net10.0", "web.staticwebassets.runtime.json"));
        Assert.Contains("tiny.haq.onnx", runtime, StringComparison.Ordinal);
        Assert.Contains(work.PathOf("web", "obj", "haq", "out", "wwwroot"), runtime, StringComparison.Ordinal);
        Assert.Equal(0, work.Build("web").Succeeded().EngineStarts);

        work.Run("web", "publish", "-c", "Debug", "-o", work.PathOf("published")).Succeeded();
        Assert.True(work.Has("published", "wwwroot", "models", "tiny.haq.onnx"));
        Assert.True(work.Has("published", "Models", "tiny.haq.onnx"));
        Assert.Contains("models/tiny.haq.onnx", File.ReadAllText(work.PathOf("published", "web.staticwebassets.endpoints.json")), StringComparison.Ordinal);
        string[] published = [.. Directory.EnumerateFiles(work.PathOf("published"), "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)!)];
        Assert.DoesNotContain(published, name => name.StartsWith("haq.yaml", StringComparison.Ordinal)
            || name.StartsWith("haq.lock.json", StringComparison.Ordinal) || name.Contains(".report.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_carries_the_model_when_asked_to()
    {
        var work = new Workspace(feed);
        work.AddProject("lib", "net8.0;net10.0");
        work.AddModel("lib/Models");

        work.Run("lib", "pack", "-p:HaqPack=true", "-o", work.PathOf("packages")).Succeeded();

        using (var package = ZipFile.OpenRead(work.PathOf("packages", "lib.1.0.0.nupkg")))
        {
            string[] names = [.. package.Entries.Select(e => e.FullName)];
            Assert.Contains("contentFiles/any/any/Models/tiny.haq.onnx", names);
            Assert.Contains("buildTransitive/lib.targets", names);
        }
        work.Write("nuget.config", File.ReadAllText(work.PathOf("nuget.config")).Replace("</packageSources>", $"""<add key="ours" value="{work.PathOf("packages")}" /></packageSources>""", StringComparison.Ordinal)
            .Replace(feed.Packages, work.PathOf("global"), StringComparison.Ordinal));
        byte[] model = File.ReadAllBytes(work.PathOf("lib", "obj", "haq", "out", "Models", "tiny.haq.onnx"));
        // A library between the model's and the application knows nothing of models.
        AddUser("middle", "Library", "lib");
        AddUser("app", "Exe", "lib");
        AddUser("far", "Exe", "middle");
        work.Run("middle", "pack", "-o", work.PathOf("packages")).Succeeded();
        foreach (string user in (string[])["app", "far"])
        {
            work.Run(user, "publish", "-c", "Debug", "-o", work.PathOf(user, "published")).Succeeded();
            Assert.Equal(model, File.ReadAllBytes(work.PathOf(user, "bin", "Debug", "net10.0", "Models", "tiny.haq.onnx")));
            Assert.Equal(model, File.ReadAllBytes(work.PathOf(user, "published", "Models", "tiny.haq.onnx")));
        }

        void AddUser(string name, string output, string package)
        {
            work.Write($"{name}/{name}.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>{output}</OutputType></PropertyGroup>
                  <ItemGroup><PackageReference Include="{package}" Version="1.0.0" /></ItemGroup>
                </Project>
                """);
            work.Write($"{name}/Code.cs", output == "Exe" ? "System.Console.WriteLine();" : "public class Middle;");
        }
    }

    [Fact]
    public void What_Directory_Build_targets_says_counts_in_the_artifacts_layout_too()
    {
        var work = new Workspace(feed);
        work.AddProject("app");
        work.AddModel("app/Models");
        work.Write("Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>");
        // It is read after the targets of packages.
        work.Write("Directory.Build.targets", """
            <Project><PropertyGroup>
              <HaqCacheDirectory>ours</HaqCacheDirectory><HaqCopyReportToOutput>false</HaqCopyReportToOutput><HaqPack>true</HaqPack>
            </PropertyGroup></Project>
            """);

        work.Run("app", "pack").Succeeded();

        Assert.True(Directory.Exists(work.PathOf("app", "ours", "result")));
        Assert.False(Directory.Exists(work.Cache));
        Assert.False(Directory.Exists(work.PathOf("app", "obj")));
        Assert.True(work.Has("artifacts", "bin", "app", "release", "Models", "tiny.haq.onnx"));
        Assert.False(work.Has("artifacts", "bin", "app", "release", "Models", "tiny.haq.report.html"));
        using var package = ZipFile.OpenRead(work.PathOf("artifacts", "package", "release", "app.1.0.0.nupkg"));
        Assert.Contains("contentFiles/any/any/Models/tiny.haq.onnx", package.Entries.Select(e => e.FullName));
    }

    [Fact]
    public void What_package_managers_put_into_a_project_is_not_built_and_watch_knows_the_models_files()
    {
        var work = new Workspace(feed);
        work.AddProject("app");
        work.AddModel("app/Models");
        foreach (string folder in (string[])["node_modules/theirs", "Scripts/node_modules/theirs", "vendor/theirs"]) work.Write($"app/{folder}/haq.yaml", "not: ours\n");

        Assert.Equal(1, work.Build("app").Succeeded().EngineStarts);

        string watched = work.Run("app", "msbuild", "-t:HaqCollectWatchItems", "-getItem:Watch").Succeeded().Output;
        foreach (string name in (string[])["haq.yaml", "tiny.onnx", "images.npy"]) Assert.Contains(work.PathOf("app", "Models", name), watched, StringComparison.Ordinal);
        Assert.DoesNotContain("node_modules", watched, StringComparison.Ordinal);
    }
}
