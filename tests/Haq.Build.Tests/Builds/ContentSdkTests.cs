namespace Haq.Build.Tests.Builds;

/// <summary>SDKs that take every file below the project for content: the model is published, what it was made from is not.</summary>
public sealed class ContentSdkTests(PackageFeed feed)
{
    private const string Package = """<PackageReference Include="Haq.Build" Version="0.1.0-dev" PrivateAssets="all" />""";

    [Fact]
    public void A_worker_is_published_with_its_model_and_without_manifest_lock_and_reports()
    {
        var work = new Workspace(feed);
        work.Write("worker/worker.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Worker">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>{Package}</ItemGroup>
            </Project>
            """);
        work.Write("worker/Program.cs", "System.Console.WriteLine();");
        work.Write("worker/appsettings.json", "{}");
        work.AddModel("worker/Models");

        work.Run("worker", "publish", "-c", "Debug", "-o", work.PathOf("published")).Succeeded();

        string[] published = Published(work);
        Assert.Contains("tiny.haq.onnx", published);
        Assert.Contains("appsettings.json", published);
        Assert.DoesNotContain(published, IsSource);
        Assert.True(work.Has("worker", "bin", "Debug", "net10.0", "Models", "tiny.haq.report.html"));

        work.Run("worker", "publish", "-c", "Debug", "-p:HaqPublishReports=true", "-p:HaqPublishManifest=true", "-o", work.PathOf("published")).Succeeded();
        Assert.Equal(4, Published(work).Count(IsSource));
    }

    [Fact]
    public void A_razor_class_librarys_models_reach_the_web_application_that_uses_it()
    {
        var work = new Workspace(feed);
        work.Write("ui/ui.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Razor">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><FrameworkReference Include="Microsoft.AspNetCore.App" />{Package}</ItemGroup>
            </Project>
            """);
        work.AddModel("ui/wwwroot/models");
        work.AddModel("ui/Models", seed: 2);
        work.Write("web/web.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><ProjectReference Include="../ui/ui.csproj" /></ItemGroup>
            </Project>
            """);
        work.Write("web/Program.cs", "var app = WebApplication.CreateBuilder(args).Build(); app.MapStaticAssets(); app.Run();");

        work.Run("web", "publish", "-c", "Debug", "-o", work.PathOf("published")).Succeeded();

        Assert.True(work.Has("published", "wwwroot", "_content", "ui", "models", "tiny.haq.onnx"), string.Join("\n", Published(work)));
        Assert.True(work.Has("published", "Models", "tiny.haq.onnx"));
        Assert.Contains("_content/ui/models/tiny.haq.onnx", File.ReadAllText(work.PathOf("published", "web.staticwebassets.endpoints.json")), StringComparison.Ordinal);
        Assert.DoesNotContain(Published(work), IsSource);
    }

    [Fact]
    public void A_Blazor_application_serves_its_model_in_development_and_after_publishing()
    {
        var work = new Workspace(feed);
        // Neither trimming nor compressing the framework says anything about models; both take their time.
        work.Write("browser/browser.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.BlazorWebAssembly">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><PublishTrimmed>false</PublishTrimmed><CompressionEnabled>false</CompressionEnabled>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Microsoft.AspNetCore.Components.WebAssembly" Version="10.0.12" />{Package}</ItemGroup>
            </Project>
            """);
        work.Write("browser/Program.cs", "await Microsoft.AspNetCore.Components.WebAssembly.Hosting.WebAssemblyHostBuilder.CreateDefault(args).Build().RunAsync();");
        work.Write("browser/wwwroot/index.html", "<!DOCTYPE html><title>app</title>");
        work.AddModel("browser/wwwroot/models");
        work.AddModel("browser/Models", seed: 2);
        var restored = work.Run("browser", "restore");
        if (restored.ExitCode != 0 && restored.Output.Contains("error NU1", StringComparison.Ordinal)) Assert.Skip("no feed here has the browser's runtime: " + restored.Output);

        Assert.Equal(1, work.Build("browser", "--no-restore").Succeeded().EngineStarts);
        string built = work.PathOf("browser", "obj", "haq", "out", "wwwroot", "models", "tiny.haq.onnx");
        string Built(string what) => File.ReadAllText(work.PathOf("browser", "bin", "Debug", "net10.0", $"browser.staticwebassets.{what}.json"));
        Assert.Contains("models/tiny.haq.onnx", Built("endpoints"), StringComparison.Ordinal);
        Assert.Contains(work.PathOf("browser", "obj", "haq", "out", "wwwroot"), Built("runtime"), StringComparison.Ordinal);

        work.Run("browser", "publish", "--no-restore", "-c", "Debug", "-o", work.PathOf("published")).Succeeded();
        Assert.Equal(File.ReadAllBytes(built), File.ReadAllBytes(work.PathOf("published", "wwwroot", "models", "tiny.haq.onnx")));
        Assert.DoesNotContain(Published(work), IsSource);
    }

    private static bool IsSource(string name) =>
        name.StartsWith("haq.yaml", StringComparison.Ordinal) || name.StartsWith("haq.lock.json", StringComparison.Ordinal) || name.Contains(".haq.report.", StringComparison.Ordinal);

    private static string[] Published(Workspace work) =>
        [.. Directory.EnumerateFiles(work.PathOf("published"), "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)!)];
}
