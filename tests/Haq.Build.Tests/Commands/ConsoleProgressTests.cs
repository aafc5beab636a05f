using Haq.Engine.Pipeline;
using Haq.Tool.Output;

namespace Haq.Build.Tests.Commands;

public sealed class ConsoleProgressTests
{
    [Theory]
    [InlineData(0.2, 80.0, "search     20 %, 1 min 20 s left, local search 120 of 600: top-1 91.20 %")]
    [InlineData(0.2, 12.2, "search     20 %, 13 s left, local search 120 of 600: top-1 91.20 %")]
    [InlineData(0.2, 7500.0, "search     20 %, 2 h 05 min left, local search 120 of 600: top-1 91.20 %")]
    [InlineData(0.2, null, "search     20 % local search 120 of 600: top-1 91.20 %")]
    [InlineData(null, 80.0, "search    1 min 20 s left, local search 120 of 600: top-1 91.20 %")]
    [InlineData(null, null, "search    local search 120 of 600: top-1 91.20 %")]
    public void A_report_says_how_far_and_how_long_before_what(double? done, double? seconds, string line) => Assert.Equal(
        line, ConsoleProgress.Line(new PipelineProgress("search", "local search 120 of 600: top-1 91.20 %", done, seconds is { } s ? TimeSpan.FromSeconds(s) : null)));

    [Theory]
    [InlineData(79, "search     20 %, 1 min 20 s left, local search 120 of 600: top-1 91.20 %")]
    [InlineData(70, "search     20 %, 1 min 20 s left, local search 120 of 600: top-1…")]
    [InlineData(49, "search     20 %, 1 min 20 s left, local search…")]
    [InlineData(17, "search     20 %…")]
    public void A_narrow_terminal_gets_whole_words_and_figures(int columns, string line) =>
        Assert.Equal(line, ConsoleProgress.Fit("search     20 %, 1 min 20 s left, local search 120 of 600: top-1 91.20 %", columns));

    [Fact]
    public void A_word_that_is_longer_than_the_line_is_cut() => Assert.Equal("aaaaaaaaa…", ConsoleProgress.Fit(new string('a', 30), 10));
}
