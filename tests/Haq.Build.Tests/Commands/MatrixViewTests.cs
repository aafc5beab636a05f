using System.Text.RegularExpressions;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting.Matrix;
using Haq.Tool.Matrix;
using Spectre.Console;

namespace Haq.Build.Tests.Commands;

/// <summary>What is shown while a matrix is built.</summary>
public sealed partial class MatrixViewTests
{
    private const int Width = 40;

    private readonly MatrixPlan _plan;
    private double _now;

    public MatrixViewTests()
    {
        var options = new PipelineOptions("/nets/a/haq.yaml", new StageCache("/cache"));
        _plan = new MatrixPlan("/nets", [.. Enumerable.Range(0, 4).Select(i => new MatrixCell(i, $"/nets/{i}/haq.yaml", "edge", options))]);
    }

    [Fact]
    public void Time_left_is_told_from_what_was_built_until_that_tells_nothing()
    {
        var clock = new MatrixClock(_plan, jobs: 2, () => _now);
        Assert.Equal("0 of 4 cells", clock.Overall());
        clock.Started(_plan.Cells[0]);
        clock.Started(_plan.Cells[1]);
        _now = 10;
        clock.Finished(Built(0));
        clock.Finished(Built(1));
        Assert.Equal("2 of 4 cells, 10 s left", clock.Overall());
        clock.Started(_plan.Cells[2]);
        clock.Started(_plan.Cells[3]);
        _now = 14;
        Assert.Equal("2 of 4 cells, 6 s left", clock.Overall());
        // Both take longer than the others did: who knows how much.
        _now = 25;
        Assert.Equal("2 of 4 cells", clock.Overall());
    }

    [Fact]
    public void A_line_above_the_view_leaves_nothing_of_it_behind()
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new Terminal(written) });
        using (var view = new LiveView(new MatrixClock(_plan, 1), new MatrixJobs(1, "as asked for"), console))
        {
            view.Started(_plan.Cells[0]);
            view.Finished(Built(0) with { State = CellState.Failed, Errors = [Haq.Engine.Diagnostics.DiagnosticCatalog.InputOutput.At(null, new string('x', 2 * Width))] });
        }
        string text = written.ToString();
        int line = text.IndexOf("[1/4]", StringComparison.Ordinal);
        Assert.True(line > 0, text);
        Assert.EndsWith("\u001b[J", text[..line], StringComparison.Ordinal);
        // No row is wider than the terminal, which would break it where the view does not know.
        Assert.All(Escapes().Replace(text, "").Split('\n', '\r'), row => Assert.InRange(row.Length, 0, Width));
    }

    private CellOutcome Built(int cell) => new(_plan.Cells[cell], CellState.Built, new MatrixCellFacts { Manifest = "m", Target = "edge", State = "ok" }) { Elapsed = TimeSpan.FromSeconds(10) };

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();

    private sealed class Terminal(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        int IAnsiConsoleOutput.Width => Width;

        public int Height => 20;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
