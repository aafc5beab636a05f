using Microsoft.Extensions.Hosting;

namespace Haq.Cluster;

/// <summary>Signals are the command's: a host that ended by itself at the first one would take away what is still under way.</summary>
internal sealed class OwnLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
