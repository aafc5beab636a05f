using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Probing;

namespace Haq.Engine.Tests.Pipeline.Probing;

/// <summary>What a journal writes, the reader takes, whoever began the file.</summary>
public sealed class TimesJournalTests : IDisposable
{
    private static readonly ProbeTime s_full = new("new", 1e-3, 1e-5, 2e-6);

    private readonly TemporaryFolder _folder = new();

    private string Times => _folder[TimesFile.FileName];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("# device: a board\n# cooled\nprobe,seconds\nold,0.5\n")]
    [InlineData("# device: a board\n# cooled\nprobe,seconds,spread_seconds\nold,0.5\n")]
    [InlineData("# device: a board\n# cooled\nold,0.5\n")]
    [InlineData("# device: a board\r\n# cooled\r\nprobe,seconds\r\nprobes/old.onnx,0.5\r\ncut,0.00")]
    public void A_file_with_fewer_columns_is_gone_on_with_in_all_of_them(string text)
    {
        File.WriteAllText(Times, text);
        var journal = new TimesJournal(Times, "another");
        Assert.True(journal.Has("old"));
        Assert.False(journal.Has("cut"));
        Assert.True(journal.Add(s_full));
        Assert.False(journal.Add(s_full));
        Assert.Equal("# device: a board\n# cooled\nprobe,seconds,spread_seconds,joules\nold,0.5\nnew,0.001,1E-05,2E-06\n", File.ReadAllText(Times));
        Assert.Equal([new ProbeTime("old", 0.5, null, null), s_full], TimesFile.Read(Times).Times);
    }

    [Fact]
    public void A_file_without_times_is_of_the_device_that_is_measured_now()
    {
        File.WriteAllText(Times, "# device: a board\nprobe,seconds\ncut,0.00");
        Assert.Equal(0, new TimesJournal(Times, "another").Count);
        Assert.Equal("# device: another\nprobe,seconds,spread_seconds,joules\n", File.ReadAllText(Times));
    }

    [Theory]
    [InlineData(2e6, null, null, "expected seconds, not a count")]
    [InlineData(0.0, null, null, "0 cannot be the seconds of 'p'")]
    [InlineData(double.NaN, null, null, "expected a number above 0")]
    [InlineData(1.0, -0.1, null, "-0.1 cannot be the spread_seconds of 'p'")]
    [InlineData(1.0, null, -2.0, "-2 cannot be the joules of 'p'")]
    public void A_time_that_the_reader_refuses_is_not_written(double seconds, double? spread, double? joules, string what)
    {
        var journal = new TimesJournal(Times, "board");
        string before = File.ReadAllText(Times);
        var error = Assert.Throws<HaqException>(() => journal.Add(new ProbeTime("p", seconds, spread, joules)));
        Assert.Equal("HAQ0235", error.Diagnostic.Descriptor.Code);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Times));
        Assert.False(journal.Has("p"));
    }
}
