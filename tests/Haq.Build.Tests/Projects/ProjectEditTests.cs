using Haq.Engine.Diagnostics;
using Haq.Tool.Projects;

namespace Haq.Build.Tests.Projects;

public sealed class ProjectEditTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-edit").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_package_is_added_beside_the_others_and_nothing_else_changes()
    {
        const string before = "<Project Sdk=\"Microsoft.NET.Sdk\">\r\n\r\n  <PropertyGroup>\r\n    <TargetFramework>net10.0</TargetFramework>\r\n  </PropertyGroup>\r\n"
            + "\r\n  <ItemGroup>\r\n    <PackageReference Include=\"A\" Version=\"1.0.0\" /> <!-- kept -->\r\n  </ItemGroup>\r\n</Project>\r\n";
        string project = Write("App.csproj", before), manifest = Write("haq.yaml", "");

        ProjectEdit.Add(project, manifest, "1.2.3");

        string after = File.ReadAllText(project);
        const string added = "    <PackageReference Include=\"Haq.Build\" Version=\"1.2.3\" PrivateAssets=\"all\" />\r\n";
        Assert.Contains(added, after, StringComparison.Ordinal);
        Assert.Equal(before, after.Replace(added, "", StringComparison.Ordinal));
        Assert.Empty(ProjectEdit.Add(project, manifest, "1.2.3"));
        Assert.Equal(after, File.ReadAllText(project));
    }

    [Fact]
    public void With_central_versions_the_version_goes_to_Directory_Packages_props()
    {
        string central = Write("Directory.Packages.props", "<Project>\n  <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>\n</Project>\n");
        string project = Write("app/App.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\">\n</Project>\n"), manifest = Write("app/haq.yaml", "");

        ProjectEdit.Add(Path.GetDirectoryName(project)!, manifest, "1.2.3");

        Assert.Contains("<PackageVersion Include=\"Haq.Build\" Version=\"1.2.3\" />", File.ReadAllText(central), StringComparison.Ordinal);
        Assert.Contains("<PackageReference Include=\"Haq.Build\" PrivateAssets=\"all\" />", File.ReadAllText(project), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/haq.yaml", "<Project Sdk=\"Microsoft.NET.Sdk\" />", "../models/haq.yaml")]
    [InlineData("app/haq.yaml", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><EnableDefaultHaqItems>false</EnableDefaultHaqItems></PropertyGroup></Project>", "haq.yaml")]
    public void A_manifest_that_the_default_glob_does_not_reach_is_named(string manifestFile, string content, string named)
    {
        string project = Write("app/App.csproj", content), manifest = Write(manifestFile, "");

        ProjectEdit.Add(project, manifest, "1.2.3");

        Assert.Contains($"<HaqManifest Include=\"{named.Replace('/', Path.DirectorySeparatorChar)}\" />", File.ReadAllText(project), StringComparison.Ordinal);
        Assert.Empty(ProjectEdit.Add(project, manifest, "1.2.3"));
    }

    [Fact]
    public void A_solution_is_refused_and_a_broken_project_stays_as_it_is()
    {
        string solution = Write("All.slnx", "<Solution />"), broken = Write("Broken.csproj", "<Project"), manifest = Write("haq.yaml", "");

        Assert.Equal("HAQ0885", Assert.Throws<HaqException>(() => ProjectEdit.Add(solution, manifest, "1.2.3")).Diagnostic.Descriptor.Code);
        var invalid = Assert.Throws<HaqException>(() => ProjectEdit.Add(broken, manifest, "1.2.3"));
        Assert.Equal("HAQ0886", invalid.Diagnostic.Descriptor.Code);
        Assert.Equal("<Project", File.ReadAllText(broken));
    }

    private string Write(string name, string content)
    {
        string file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }
}
