using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Pipeline.Results;

namespace Haq.Engine.Tests.Pipeline.Probing;

/// <summary>What stays on a device after candidates were timed there.</summary>
public sealed class FileRoundsTests : IDisposable
{
    private const string Name = "haq-loop-0123456789ab", First = "candidate-1-aa", Second = "candidate-2-bb";

    private static readonly ImmutableArray<Probe> s_files = [new Probe(First, ProbeKind.Policy, 0, []), new Probe(Second, ProbeKind.Policy, 0, [])];

    private readonly TemporaryFolder _folder = new(), _board = new();

    public FileRoundsTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the made device is a script of sh");
        Directory.CreateDirectory(_folder["probes"]);
        foreach (var file in s_files) File.WriteAllText(_folder[file.File], $"the network of {file.Name}");
        File.WriteAllText(_board["runner.sh"], $"""
            [ -e '{_board.Path}/works' ] || exit 5
            for model in probes/*.onnx; do
                cat "$model" >>'{_board.Path}/seen'
                echo "$(basename "$model" .onnx),0.001"
            done

            """);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _board.Dispose();
    }

    [Fact]
    public void A_folder_of_its_own_is_removed_after_the_last_round_and_kept_where_it_fails()
    {
        var rounds = Rounds(remote: null);
        var error = Assert.Throws<HaqException>(() => Measure(rounds));
        Assert.Contains("ended with status 5", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_board[$"{Name}/probes/{Second}.onnx"]));
        Works();
        Assert.Equal(2, Measure(rounds).Files.Length);
        Assert.False(Directory.Exists(_board[Name]));
    }

    [Fact]
    public void In_a_folder_that_was_given_the_files_that_were_copied_are_removed_alone()
    {
        string remote = Directory.CreateDirectory(_board["on the phone"]).FullName;
        Directory.CreateDirectory(Path.Combine(remote, "probes"));
        File.WriteAllText(Path.Combine(remote, "perf_test"), "a program");
        // Of another network, whose loop was cut off: same name, same size, other content.
        File.WriteAllText(Path.Combine(remote, s_files[0].File), "the NETWORK of candidate-1-aa");
        File.WriteAllText(Path.Combine(remote, "round.txt"), "haq-loop-ffffffffffff-1\n");
        Works();
        Measure(Rounds(remote));
        Assert.DoesNotContain("NETWORK", File.ReadAllText(_board["seen"]), StringComparison.Ordinal);
        Assert.Equal(["measure.py", "measure.sh", "perf_test"], Directory.GetFiles(remote, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
    }

    private void Works() => File.WriteAllText(_board["works"], "");

    private FileRounds Rounds(string? remote) =>
        new(_folder.Path, Name, new DeviceRun($"cd '{_board.Path}' && sh -c {{}}", $"sh '{_board.Path}/runner.sh'", remote, Environment.CurrentDirectory), 2, new SourceLocation("haq.yaml", 1, 1))
        {
            Pause = TimeSpan.Zero,
        };

    private static DeviceTimes Measure(FileRounds rounds) => rounds.Measure(s_files, new Progress<PipelineProgress>(), CancellationToken.None);
}
