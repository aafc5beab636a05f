namespace Haq.Engine.Pipeline.Running;

/// <summary>A folder for what one run makes and nobody else is to see; removed with the run.</summary>
internal sealed class AsideFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("haq-aside-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
