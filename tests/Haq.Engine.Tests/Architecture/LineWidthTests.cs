using System.Globalization;
using System.Text.RegularExpressions;

namespace Haq.Engine.Tests.Architecture;

/// <summary>Lines of code are as wide as .editorconfig says, and no wider.</summary>
public sealed partial class LineWidthTests
{
    [Fact]
    public void No_line_is_wider_than_the_editor_is_told()
    {
        string root = Repository.Root;
        int width = int.Parse(Limit().Match(File.ReadAllText(Path.Combine(root, ".editorconfig"))).Groups[1].Value, CultureInfo.InvariantCulture);
        var tooWide = new List<string>();
        int files = 0;
        foreach (string folder in (string[])["src", "tests", "bench"])
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (Generated().IsMatch(file)) continue;
                files++;
                int number = 0;
                foreach (string line in File.ReadLines(file))
                {
                    number++;
                    if (line.Length > width && !IsText(line, width))
                        tooWide.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(root, file)}:{number}: {line.Length} characters"));
                }
            }
        }
        Assert.True(files > 500, "the repository's code was not found");
        Assert.True(tooWide.Count == 0, string.Join("\n", tooWide));
    }

    // A text, from its first quotation mark to its last, that cannot be broken without cutting it up: what stands around it is counted.
    private static bool IsText(string line, int width) => Text().Match(line) is { Success: true } text && line.Length - text.Length <= width;

    [GeneratedRegex(@"^\[\*\.cs\][^\[]*?^max_line_length = (\d+)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Limit();

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Generated();

    [GeneratedRegex("\".{60,}\"")]
    private static partial Regex Text();
}
