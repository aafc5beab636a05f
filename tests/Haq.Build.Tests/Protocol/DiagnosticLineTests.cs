using Haq.Build.Tasks;
using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Protocol;

public sealed class DiagnosticLineTests
{
    [Theory]
    [InlineData("/src/my (old) models/haq.yaml", 12, 5)]
    [InlineData(@"C:\src\haq.yaml", 3, 1)]
    [InlineData("net.onnx", 0, 0)]
    public void The_task_reads_what_the_engine_prints(string file, int line, int column)
    {
        var printed = DiagnosticCatalog.InvalidValue.At(new SourceLocation(file, line, column), "'bits' is 9: expected 1..8.");

        var read = DiagnosticLine.Parse(printed.ToString());

        Assert.NotNull(read);
        Assert.Equal((file, line, column, true, "HAQ0004", printed.Message), (read.Origin, read.Line, read.Column, read.IsError, read.Code, read.Text));
    }

    [Fact]
    public void Warnings_and_errors_without_a_place_are_read_too()
    {
        var read = DiagnosticLine.Parse(DiagnosticCatalog.CannotWrite.At(null, "the disk is full.").ToString());
        Assert.Equal(("haq", true), (read?.Origin, read?.IsError));
        Assert.False(DiagnosticLine.Parse("haq.yaml(1,2): warning HAQ1001: few samples.")?.IsError);
    }

    [Fact]
    public void A_place_that_no_file_has_is_no_place()
    {
        var read = DiagnosticLine.Parse("haq.yaml(99999999999,1): error HAQ0004: x.");
        Assert.Equal(("haq.yaml", 0, 1), (read?.Origin, read?.Line, read?.Column));
    }

    [Theory]
    [InlineData("  Haq: net.onnx: searching, 3 s left")]
    [InlineData("Unhandled exception. System.Exception: error: HAQ")]
    [InlineData("a.cs(1,2): error CS1002: ; expected")]
    public void Other_lines_are_not_diagnostics(string line) => Assert.Null(DiagnosticLine.Parse(line));
}
