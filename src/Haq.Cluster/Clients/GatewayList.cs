using Haq.Cluster.Membership;
using Haq.Cluster.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Messaging;

namespace Haq.Cluster.Clients;

/// <summary>Where the workers of a cluster listen, as whatever keeps its members says. Nothing takes longer than the patience.</summary>
internal sealed class GatewayList : IDisposable
{
    private readonly ClusterSettings _settings;
    private readonly IHost _host;
    private readonly IGatewayListProvider _list;

    private GatewayList(ClusterSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client => client.Look(settings));
        (_settings, _host) = (settings, builder.Build());
        _list = _host.Services.GetRequiredService<IGatewayListProvider>();
    }

    /// <summary>Connects.</summary>
    public static async Task<GatewayList> OpenAsync(ClusterSettings settings, CancellationToken cancellation)
    {
        var list = new GatewayList(settings);
        try
        {
            await list._list.InitializeGatewayListProvider().WaitAsync(settings.Patience, cancellation).ConfigureAwait(false);
            return list;
        }
        catch
        {
            list.Dispose();
            throw;
        }
    }

    /// <summary>Those that are there now.</summary>
    public async Task<IReadOnlyList<Uri>> ReadAsync(CancellationToken cancellation) =>
        [.. await _list.GetGateways().WaitAsync(_settings.Patience, cancellation).ConfigureAwait(false)];

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();
}
