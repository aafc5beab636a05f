using System.CommandLine;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool;

/// <summary>
/// The cache that a command works with: the user's folder and, where one is named, the shared cache behind it. When it is closed it says what the shared one was good for, and has sent what was made.
/// </summary>
internal sealed class UserCache : IDisposable
{
    private readonly TextWriter _warnings;

    private UserCache(StageCache stages, TextWriter warnings) => (Stages, _warnings) = (stages, warnings);

    /// <summary>Where results of stages are kept.</summary>
    public StageCache Stages { get; }

    /// <param name="folder">The local cache; null or empty for the user's own.</param>
    /// <param name="address">The server, in place of the environment's.</param>
    /// <param name="mode">Whether anything is sent, in place of what the environment says.</param>
    /// <param name="isProjects">A project says the address.</param>
    /// <param name="warnings">Told when it is closed.</param>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">A setting of the shared cache is wrong (HAQ0960).</exception>
    public static UserCache Open(string? folder, string? address, string? mode, bool isProjects, TextWriter warnings)
    {
        string root = string.IsNullOrEmpty(folder) ? StageCache.DefaultRoot : folder;
        var settings = RemoteSettings.Read(address, mode, Environment.GetEnvironmentVariable, isProjects);
        return new UserCache(new StageCache(root) { Remote = settings is null ? null : new RemoteCache(settings, Path.GetFullPath(root)) }, warnings);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Stages.Remote is not { } remote) return;
        if (remote.TakeWarning() is { } warning) _warnings.WriteLine(warning);
        if (remote.HasUploads) UploadProcess.Start(Stages.Root, remote.Settings);
        remote.Dispose();
    }
}
