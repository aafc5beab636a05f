using Haq.Engine.Evaluation.Devices;

namespace Haq.Engine.Tests.Evaluation.Devices;

/// <summary>What committed files say of a command: enough to know the device, and no secret.</summary>
public sealed class CommandNameTests
{
    [Theory]
    [InlineData("python3 my-board.py {}", "python3")]
    [InlineData("/opt/key-7f3a/bin/python3 my-board.py {}", "python3")]
    [InlineData("curl -H 'Authorization: Bearer hunter2' -T {} https://board.example/time", "curl")]
    [InlineData("TOKEN=hunter2 python3 my-board.py {}", "a command")]
    [InlineData("'my tools/time' {}", "a command")]
    [InlineData("adb -s 0123 shell {}", "adb")]
    [InlineData("ssh board {}", "ssh board")]
    [InlineData("ssh -i /home/me/.ssh/key -p 2222 -o ServerAliveInterval=15 me@board.example {}", "ssh board.example")]
    [InlineData("ssh -q board {}", "ssh")]
    [InlineData("sshpass -p hunter2 ssh me@board {}", "sshpass")]
    public void Program_or_host_alone_is_told(string text, string name)
    {
        string told = CommandName.Of(CommandTemplate.Parse(text, "--run"));
        Assert.StartsWith($"{name} (command ", told, StringComparison.Ordinal);
        Assert.Equal($"{name} (command 01234567)".Length, told.Length);
    }

    [Fact]
    public void The_digest_is_that_of_the_command() =>
        // printf 'ssh board {}' | sha256sum
        Assert.Equal("ssh board (command 041f97b1)", CommandName.Of(CommandTemplate.Parse(" ssh board {} ", "--run")));
}
