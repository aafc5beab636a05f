using Haq.Build.Tasks;

namespace Haq.Build.Tests.Protocol;

public sealed class EngineHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-host").FullName;
    private readonly string _engine;
    private readonly string _dotnet;

    public EngineHostTests()
    {
        _engine = Make("engine/haq.dll");
        _dotnet = Make("dotnet/dotnet");
        Make("dotnet/shared/Microsoft.NETCore.App/8.0.11/x");
        Make("engine/runtimes/linux-x64/native/libonnxruntime.so");
        Make("engine/runtimes/linux-arm64/native/libortextensions.so");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_older_runtime_alone_is_named()
    {
        var trouble = EngineHost.Trouble(_engine, _dotnet, "linux-x64");
        Assert.Equal("HAQ0881", trouble?.Key);
        Assert.Contains("8.0.11", trouble?.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.1")]
    [InlineData("11.0.0-preview.2")]
    public void A_later_runtime_will_do(string version)
    {
        Make($"dotnet/shared/Microsoft.NETCore.App/{version}/x");
        Assert.Null(EngineHost.Trouble(_engine, _dotnet, "linux-x64"));
    }

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-arm64")]
    public void A_platform_without_native_library_is_told_which_have_one(string platform)
    {
        Make("dotnet/shared/Microsoft.NETCore.App/10.0.1/x");
        var trouble = EngineHost.Trouble(_engine, _dotnet, platform);
        Assert.Equal("HAQ0882", trouble?.Key);
        Assert.Contains("only for linux-x64.", trouble?.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_engine_is_an_error_of_ours() => Assert.Equal("HAQ0883", EngineHost.Trouble(_engine + "x", _dotnet, "")?.Key);

    private string Make(string relative)
    {
        string path = Path.Combine(_folder, Path.Combine(relative.Split('/')));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }
}
