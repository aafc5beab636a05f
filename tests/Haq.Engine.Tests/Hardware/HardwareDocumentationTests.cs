using System.Text.RegularExpressions;
using Haq.Engine.Hardware;

namespace Haq.Engine.Tests.Hardware;

/// <summary>The files in docs/hardware.md are hardware files.</summary>
public sealed partial class HardwareDocumentationTests
{
    [Fact]
    public void The_examples_can_be_read_as_they_stand()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "hardware.md"));
        string[] files = [.. YamlBlock().Matches(page).Select(m => m.Groups[1].Value)];
        string csv = page[page.IndexOf("layer,weight_bits", StringComparison.Ordinal)..];
        csv = csv[..csv.IndexOf("```", StringComparison.Ordinal)];
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "my-phone.csv"), csv);
            Assert.Equal(["systolic", "table"], files.Select(text => HardwareReader.Read("example.yaml", text, folder).Kind));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_built_in_target_and_every_key_is_documented()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "hardware.md"));
        Assert.All(HardwareCatalog.BuiltInNames, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
        Assert.All(HardwareKinds.All.SelectMany(k => k.Keys).Select(k => k.Name).Where(k => k != "technology"), key => Assert.Contains(key, page, StringComparison.Ordinal));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Haq.Build.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the checkout was not found");
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
