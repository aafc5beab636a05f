using Haq.Tool.Output;
using Spectre.Console;

namespace Haq.Build.Tests.Commands;

/// <summary>Tables on terminals of any width: no figure and no word is broken.</summary>
public sealed class TableLayoutTests
{
    private static readonly string[] s_words = ["features.0.conv", "Conv", "224x224", "10.8 M", "a note of several words that may take more lines than one"];

    [Theory]
    [InlineData(240)]
    [InlineData(80)]
    [InlineData(60)]
    public void Figures_and_words_stay_whole_in_columns(int width)
    {
        string printed = Printed(width);
        Assert.Contains("layer", printed, StringComparison.Ordinal);
        Assert.All(s_words[..4], word => Assert.Contains(word, printed, StringComparison.Ordinal));
        Assert.All(s_words[4].Split(' '), word => Assert.Contains(word, printed, StringComparison.Ordinal));
        Assert.DoesNotContain('…', printed);
        Assert.All(printed.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width));
        // What no row has anything in goes first.
        Assert.Equal(width >= 80, printed.Contains("empty", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(30)]
    public void Where_columns_do_not_fit_every_row_is_a_paragraph(int width)
    {
        string printed = Printed(width);
        Assert.Contains("\n0  features.0.conv\n", printed, StringComparison.Ordinal);
        string[] words = printed.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("0 features.0.conv op Conv, map 224x224, MACs 10.8 M, notes a note of several words that may take more lines than one", string.Join(' ', words));
        Assert.DoesNotContain("empty", printed, StringComparison.Ordinal);
        Assert.All(printed.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width));
    }

    private static string Printed(int width)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        var table = Tables.New("#", "layer", "op", "map", "MACs", "empty", "notes").AlignRight(4, 4);
        table.AddText("0", s_words[0], s_words[1], s_words[2], s_words[3], "", s_words[4]);
        new TableLayout(table, console).Print();
        return text.ToString().ReplaceLineEndings("\n");
    }
}
