using System.CommandLine;
using Haq.Engine.Pipeline;
using Haq.Tool.Options;

namespace Haq.Build.Tests.Commands;

/// <summary>What gives leave to measure, and says how.</summary>
public sealed class DeviceOptionsTests
{
    [Fact]
    public void A_phone_is_named_by_its_shell_its_folder_and_what_runs_there()
    {
        Assert.Null(Access());
        // The folder by itself is no leave to start a command.
        Assert.Null(Access("--remote", "/data/local/tmp/haq"));
        Assert.Equal(new DeviceAccess { Remote = "/data/local/tmp/haq" }, Access("--measure", "--remote", "/data/local/tmp/haq"));
        var named = new DeviceAccess { Run = "adb shell {}", Runner = "sh measure.sh ./perf_test", Remote = "/data/local/tmp/haq" };
        Assert.Equal(named, Access("--run", "adb shell {}", "--runner", "sh measure.sh ./perf_test", "--remote", "/data/local/tmp/haq"));
    }

    private static DeviceAccess? Access(params string[] arguments)
    {
        var command = new Command("quantize");
        var options = new DeviceOptions().AddTo(command);
        return options.Access(command.Parse(arguments));
    }
}
