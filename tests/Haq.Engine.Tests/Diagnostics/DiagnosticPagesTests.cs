using Haq.Engine.Diagnostics;

namespace Haq.Engine.Tests.Diagnostics;

/// <summary>Every error and warning has a page that says what it means, shows one, and says what to do; and every page belongs to one.</summary>
public sealed class DiagnosticPagesTests
{
    private static readonly string s_pages = Path.Combine(Root(), "docs", "diagnostics");

    public static TheoryData<string> Codes => [.. DiagnosticCatalog.All.Select(d => d.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_diagnostic_has_its_page(string code)
    {
        string title = DiagnosticCatalog.All.Single(d => d.Code == code).Title, path = Path.Combine(s_pages, code + ".md");
        Assert.True(File.Exists(path), $"docs/diagnostics/{code}.md is missing");
        string page = File.ReadAllText(path);
        Assert.StartsWith($"# {code}: {title}\n", page, StringComparison.Ordinal);
        Assert.Matches($"(?s)\n```[a-z]*\n.*?(error|warning) {code}: .*?\n```\n", page);
        Assert.Contains("What to do", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_belongs_to_a_diagnostic()
    {
        var codes = DiagnosticCatalog.All.Select(d => d.Code).ToHashSet();
        Assert.All(Directory.EnumerateFiles(s_pages, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!), page => Assert.Contains(page, codes));
    }

    [Fact]
    public void Codes_are_unique_and_warnings_are_numbered_as_such()
    {
        Assert.Equal(DiagnosticCatalog.All.Count, DiagnosticCatalog.All.Select(d => d.Code).Distinct().Count());
        Assert.All(DiagnosticCatalog.All, d =>
        {
            Assert.Matches("^HAQ[01][0-9]{3}$", d.Code);
            Assert.Equal(d.IsWarning, d.Code[3] == '1');
        });
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Haq.Build.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the tests run outside of the repository");
    }
}
