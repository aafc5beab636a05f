using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Tests.Hardware.Probes;

/// <summary>Files of measured times: what is understood, and where what is not understood stands.</summary>
public sealed class TimesFileTests
{
    [Fact]
    public void Two_columns_need_no_heading_and_paths_are_names()
    {
        var file = TimesFile.Parse("t.csv", "\uFEFFprobes/a-w8a8.onnx, 1.5e-3\r\nb,2\n\n# a remark\n");
        Assert.Equal([new ProbeTime("a-w8a8", 1.5e-3, null, null), new ProbeTime("b", 2, null, null)], file.Times);
        Assert.Null(file.Device);
    }

    [Fact]
    public void A_heading_names_further_columns_and_a_remark_the_device()
    {
        var file = TimesFile.Parse("t.csv", "# Device: my board, big core\nprobe,seconds,joules\na,1e-3,0.5\nb,2e-3\n");
        Assert.Equal("my board, big core", file.Device);
        Assert.Equal([new ProbeTime("a", 1e-3, null, 0.5), new ProbeTime("b", 2e-3, null, null)], file.Times);
        Assert.Equal(new ProbeTime("a", 1e-3, 2e-4, 0.5), Assert.Single(TimesFile.Parse("t.csv", "a,1e-3,2e-4,0.5\n").Times));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        ProbeTime[] times = [new("a", 1.25e-3, 1e-5, null), new("b", 3e-7, null, 2e-6), new("c", 1, null, null)];
        string text = $"{TimesFile.DeviceLine("x\ny")}\n{TimesFile.HeadingLine}\n{string.Concat(times.Select(t => TimesFile.LineOf(t) + "\n"))}";
        var read = TimesFile.Parse("t.csv", text);
        Assert.Equal(times, read.Times);
        Assert.Equal("x y", read.Device);
    }

    [Theory]
    [InlineData("", "t.csv(1,1)", "there is no time in it")]
    [InlineData("a,1\nb,-2\n", "t.csv(2,3)", "-2 cannot be the seconds of 'b'")]
    [InlineData("a,0\n", "t.csv(1,3)", "0 cannot be the seconds")]
    [InlineData("a,1\nb,NaN\n", "t.csv(2,3)", "NaN cannot be")]
    [InlineData("a,1\nb,3 ms\n", "t.csv(2,3)", "'3 ms' is no number")]
    [InlineData("a,1\nb,\n", "t.csv(2,3)", "the seconds of 'b' are missing")]
    [InlineData("a,1\nb,152000000\n", "t.csv(2,3)", "not a count of cycles or nanoseconds")]
    [InlineData("a,1\n,2\n", "t.csv(2,1)", "the name of the probe is missing")]
    [InlineData("a,1\nb,2\nx/a.onnx,3\n", "t.csv(3,1)", "'a' was measured already in line 1")]
    [InlineData("probe,milliseconds\na,1\n", "t.csv(1,1)", "Times are in seconds")]
    [InlineData("a,1\nb\n", "t.csv(2,1)", "expected probe,seconds")]
    [InlineData("probe,seconds\na,1,2\n", "t.csv(2,1)", "expected probe,seconds")]
    public void A_wrong_line_is_named(string text, string where, string what)
    {
        var error = Assert.Throws<HaqException>(() => TimesFile.Parse("t.csv", text));
        Assert.StartsWith($"{where}: error HAQ0233: ", error.Diagnostic.ToString(), StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }
}
