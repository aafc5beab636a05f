using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Probing;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq measure --ssh</c> over a real server.</summary>
[Collection(CommandCollection.Name)]
public sealed class MeasureOverSshTests : IDisposable
{
    // Probes after which the made runner's connection is cut the first time.
    private const int Cut = 3;

    private readonly LoopbackSsh _server;
    private readonly string _folder, _bundle, _board, _runner;
    private readonly string[] _probes;

    public MeasureOverSshTests(CommandFixture fixture)
    {
        _server = LoopbackSsh.Start(out string why)!;
        Assert.SkipWhen(_server is null, why);
        Assert.SkipWhen(ShellRun.Of("command -v ps", TimeSpan.FromMinutes(1)).Status != 0, "there is no ps (procps), by which the connection's process is found");
        _folder = fixture.NewFolder($"measure-ssh-{Guid.NewGuid():N}");
        (_bundle, _board, _runner) = (Path.Combine(_folder, "bundle"), Path.Combine(_folder, "on the board"), Path.Combine(_folder, "runner.sh"));
        ToolRun.Of("measure", fixture.Model, "--output", _bundle).Succeeded();
        _probes = [.. ProbeBundle.Read(_bundle).Probes.Select(p => p.Name)];
        // The shell may have become the runner, or wait for it: the server's own process is one or two above.
        Runner("p=$PPID; case $(ps -o comm= -p $p) in sshd*) ;; *) p=$(ps -o ppid= -p $p | tr -d ' ');; esac; "
            + $"case $(ps -o comm= -p $p) in sshd*) kill $p || touch '{_folder}/uncut';; *) touch '{_folder}/uncut';; esac; exec sleep 5");
    }

    public void Dispose() => _server?.Dispose();

    [Fact]
    public void A_connection_that_is_cut_is_taken_up_again_and_nothing_is_measured_twice()
    {
        ToolRun.Of("measure", "--output", _bundle, "--ssh", "board", "--ssh-options", $"-F {_server.Config}", "--remote", _board, "--runner", $"sh {_runner}").Succeeded();
        AssertAllOnce();
        // The file holds how to time on: what 'search: {measure: top N}' needs.
        string hardware = File.ReadAllText(Path.Combine(_bundle, "tiny.hardware.yaml"));
        Assert.Contains($"run: \"ssh -F {_server.Config} ", hardware, StringComparison.Ordinal);
        Assert.Contains($"runner: \"sh {_runner}\"", hardware, StringComparison.Ordinal);
        Assert.Contains($"remote: \"{_board}\"", hardware, StringComparison.Ordinal);
        Assert.Contains("device: \"board\"", hardware, StringComparison.Ordinal);
        // Brought in once more, the file keeps them, and it is said.
        var imported = ToolRun.Of("measure", "--import", Path.Combine(_bundle, TimesFile.FileName));
        imported.Succeeded();
        Assert.Contains($"kept run: ssh -F {_server.Config} ", imported.Output, StringComparison.Ordinal);
        Assert.Contains($"remote: \"{_board}\"", File.ReadAllText(Path.Combine(_bundle, "tiny.hardware.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_stays_cut_is_an_error_and_the_same_command_goes_on()
    {
        var shell = CommandTemplate.Parse($"ssh -F {_server.Config} board {{}}", "--ssh");
        var bundle = new RemoteBundle(shell, new RemoteOptions { Runner = $"sh {_runner}", Folder = _board, Attempts = 0, Pause = TimeSpan.Zero });
        var error = Assert.Throws<HaqException>(() => bundle.Run(_bundle, "board"));
        Assert.Equal("HAQ0235", error.Diagnostic.Descriptor.Code);
        // 255 is ssh's own status: the connection went, and not the runner.
        Assert.Contains("on the device ended with status 255", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{Cut} of {_probes.Length} probes are measured and kept", error.Message, StringComparison.Ordinal);
        bundle.Run(_bundle, "board");
        AssertAllOnce();
    }

    [Fact]
    public void A_host_that_cannot_be_reached_is_said_in_the_words_of_ssh()
    {
        var shell = CommandTemplate.Parse($"ssh -F {_server.Config} -p 1 board {{}}", "--ssh");
        var error = Assert.Throws<HaqException>(() => new RemoteBundle(shell, new RemoteOptions { Attempts = 1 }).Run(_bundle, "nowhere"));
        Assert.Contains("port 1: Connection refused", error.Message, StringComparison.Ordinal);
        Assert.Contains($"0 of {_probes.Length} probes are measured", error.Message, StringComparison.Ordinal);
    }

    private void AssertAllOnce()
    {
        Assert.Equal(_probes.Order(), TimesFile.Read(Path.Combine(_bundle, TimesFile.FileName)).Times.Select(t => t.Probe).Order());
        Assert.Equal(_probes.Order(), File.ReadAllLines(Path.Combine(_folder, "measured")).Order());
        Assert.True(File.Exists(Path.Combine(_folder, "cut")));
        Assert.False(File.Exists(Path.Combine(_folder, "uncut")), "the made runner did not find its connection's process");
    }

    // Does what runners do, with made times; the first time its connection is cut after a few probes.
    private void Runner(string cut) => File.WriteAllText(_runner, $$"""
        n=0
        for model in probes/*.onnx; do
            name=$(basename "$model" .onnx)
            grep -q "^$name," times.csv && continue
            if [ $n -eq {{Cut}} ] && [ ! -e '{{_folder}}/cut' ]; then touch '{{_folder}}/cut'; {{cut}}; fi
            n=$((n + 1))
            echo "$name" >>'{{_folder}}/measured'
            echo "$name,0.001" >>times.csv
            echo "$name,0.001"
        done

        """);
}
