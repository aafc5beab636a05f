using Haq.Cluster.Clients;
using Haq.Cluster.Settings;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Tool;

/// <summary>The cluster that a command or build works with, where one is named. When it is closed it says what was wrong with it.</summary>
internal sealed class UserCluster : IDisposable
{
    private readonly TextWriter _warnings;

    private UserCluster(IScoringPools? workers, TextWriter warnings) => (Workers, _warnings) = (workers, warnings);

    /// <summary>Who scores policies; null where this process does.</summary>
    public IScoringPools? Workers { get; }

    /// <param name="address">The cluster, in place of the environment's.</param>
    /// <param name="isProjects">A project says the address.</param>
    /// <param name="cache">The cache that workers may take data from.</param>
    /// <param name="warnings">Told when it is closed.</param>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">A setting of the cluster is wrong (HAQ0970).</exception>
    public static UserCluster Open(string? address, bool isProjects, UserCache cache, TextWriter warnings)
    {
        // Orleans is not even loaded where nobody names a cluster.
        bool isNamed = !string.IsNullOrWhiteSpace(address) || !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("HAQ_CLUSTER"));
        return new UserCluster(isNamed ? Join(address, isProjects, cache) : null, warnings);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Workers is null) return;
        Workers.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var warning in Workers.Warnings) _warnings.WriteLine(warning);
    }

    private static ClusterClient? Join(string? address, bool isProjects, UserCache cache) =>
        ClusterSettings.Read(address, Environment.GetEnvironmentVariable, isProjects) is { } settings ? new ClusterClient(settings, cache.Stages.Remote?.Settings) : null;
}
