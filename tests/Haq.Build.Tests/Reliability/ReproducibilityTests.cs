using Haq.Build.Reliability;

namespace Haq.Build.Tests.Reliability;

/// <summary>Same inputs, same bytes: of the model, its policy and the lock file, wherever and however the engine is started.</summary>
public sealed class ReproducibilityTests
{
    private static readonly string[] s_files = ["obj/haq/out/tiny.haq.onnx", "obj/haq/out/tiny.haq.policy.json", "haq.lock.json"];

    [Fact]
    public void Folder_culture_time_zone_clock_and_an_old_cache_change_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The engine is started by a shell.");
        byte[][] expected = Build([]);
        Assert.All(
            (Dictionary<string, string>[])
            [
                [],
                new() { ["LC_ALL"] = "tr_TR.UTF-8", ["LANG"] = "tr_TR.UTF-8", ["TZ"] = "Pacific/Chatham" },
                new() { ["LC_ALL"] = "de_DE.UTF-8", ["LANG"] = "de_DE.UTF-8", ["TZ"] = "America/St_Johns" },
            ],
            environment => Assert.Equal(expected, Build(environment)));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("8")]
    public void The_number_of_processors_changes_neither_model_nor_policy(string processors)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The engine is started by a shell.");
        Assert.Equal(Build([])[..2], Build(new() { ["DOTNET_PROCESSOR_COUNT"] = processors })[..2]);
    }

    [Fact]
    public void What_was_built_before_changes_nothing()
    {
        using var project = new TrialProject();
        project.Build();
        byte[] expected = File.ReadAllBytes(project.Output);
        string manifest = File.ReadAllText(project["haq.yaml"]);
        File.WriteAllText(project["haq.yaml"], manifest.Replace("0.95x", "0.97x", StringComparison.Ordinal));
        project.Build();
        File.WriteAllText(project["haq.yaml"], manifest);
        File.Delete(project["haq.lock.json"]);
        project.Build();
        Assert.Equal(expected, File.ReadAllBytes(project.Output));
    }

    private static byte[][] Build(Dictionary<string, string> environment)
    {
        using var project = new TrialProject();
        var end = EngineProcess.Run(project.Request, environment: environment);
        Assert.True(end.ExitCode == 0, end.Said);
        return [.. s_files.Select(file => File.ReadAllBytes(project[file]))];
    }
}
