using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;

namespace Haq.Engine.Tests.Evaluation.Devices;

public sealed class ShellRunTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void What_a_command_leaves_running_is_not_waited_for()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("needs a POSIX shell");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var run = ShellRun.Of("sleep 110 & echo done", s_patience);
        Assert.Equal((0, "done\n", false), (run.Status, run.Output, run.TimedOut));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(100), $"{clock.Elapsed}");
    }

    [Fact]
    public void What_goes_wrong_while_lines_are_taken_reaches_the_caller_and_ends_the_command()
    {
        var error = Assert.Throws<IOException>(() => ShellRun.Of("echo first", s_patience, onLine: _ => throw new IOException("disk full")));
        Assert.Equal("disk full", error.Message);
        // Whatever it is: on the system's thread it would end the process.
        Assert.Throws<FormatException>(() => ShellRun.Of("echo first", s_patience, onLine: _ => throw new FormatException("no number")));
        Assert.Throws<NullReferenceException>(() => ShellRun.Of("echo first", s_patience, onLine: _ => throw new NullReferenceException()));
    }

    [Fact]
    public void An_input_that_cannot_be_read_ends_the_command_and_is_told()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("needs a POSIX shell");
        var error = Assert.Throws<FileNotFoundException>(() => ShellRun.Of("cat", s_patience, _ => throw new FileNotFoundException("no probe")));
        Assert.Equal("no probe", error.Message);
        // One that ends before it has read everything says by its status what is wrong.
        Assert.Equal(3, ShellRun.Of("exit 3", s_patience, stream =>
        {
            for (int i = 0; i < 64; i++) stream.Write(new byte[1 << 16]);
        }).Status);
    }

    [Fact]
    public void A_path_that_holds_a_place_is_put_in_as_it_is()
    {
        var command = CommandTemplate.Parse("run {} {name} {folder}", "--run");
        Assert.Equal("run '/a/{file} b/{name}.onnx' '{name}' '/a/{file} b'", command.For("/a/{file} b/{name}.onnx"));
        Assert.Equal("'it'\\''s'", CommandTemplate.QuotedThere("it's"));
    }

    // What cmd and then the C runtime of the program make of it is the text again: carets go, and no percent sign is left that stands alone.
    [Theory]
    [InlineData("plain.onnx", "plain.onnx")]
    [InlineData("a b", "^\"a b^\"")]
    [InlineData("echo %PATH% & del x", "^\"echo ^%PATH^% ^& del x^\"")]
    [InlineData("say \"hi\"", "^\"say \\^\"hi\\^\"^\"")]
    [InlineData("C:\\a b\\", "^\"C:\\a b\\\\^\"")]
    [InlineData("a\\\"|b", "^\"a\\\\\\^\"^|b^\"")]
    public void A_word_for_cmd_reaches_the_program_as_it_is(string text, string quoted) => Assert.Equal(quoted, CommandTemplate.QuotedForCmd(text));

    [Fact]
    public void A_line_end_cannot_be_passed_on_by_cmd() => Assert.Throws<HaqException>(() => CommandTemplate.QuotedForCmd("a\nb"));

    [Theory]
    [InlineData("run '{}'")]
    [InlineData("run \"{}\" now")]
    public void A_place_in_quotes_is_refused(string text)
    {
        var diagnostic = Assert.Throws<HaqException>(() => CommandTemplate.Parse(text, "--run")).Diagnostic;
        Assert.Equal(DiagnosticCatalog.DeviceCommandWrong, diagnostic.Descriptor);
        Assert.Contains("quotes", diagnostic.Message, StringComparison.Ordinal);
    }
}
