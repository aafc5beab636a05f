using System.Net;
using System.Net.Sockets;

namespace Haq.Cluster.Settings;

/// <summary>Addresses as options write them.</summary>
internal static class PlaceText
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <exception cref="Haq.Engine.Diagnostics.HaqException">It is none (HAQ0970).</exception>
    public static IPEndPoint? Endpoint(string option, string? text)
    {
        if (text is null) return null;
        string usual = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..] : text;
        return IPEndPoint.TryParse(usual, out var endpoint) && endpoint.Port is > 0 and < IPEndPoint.MaxPort ? endpoint
            : throw ClusterSettings.Wrong($"{option} is '{text}'. Expected an address of this machine and a port, for example 0.0.0.0:7070 or [::]:7070.");
    }

    /// <summary>An address, or the first that a name has; of IPv4 where it has one.</summary>
    /// <exception cref="Haq.Engine.Diagnostics.HaqException">It is none, or the name is not known (HAQ0970).</exception>
    public static async Task<IPAddress?> AddressAsync(string option, string? text, CancellationToken cancellation)
    {
        if (text is null) return null;
        if (IPAddress.TryParse(text, out var address)) return address;
        if (Uri.CheckHostName(text) != UriHostNameType.Dns) throw ClusterSettings.Wrong($"{option} is '{text}'. Expected an address such as 10.0.0.7, or a name.");
        try
        {
            var found = await Dns.GetHostAddressesAsync(text, cancellation).WaitAsync(s_patience, cancellation).ConfigureAwait(false);
            return found.OrderBy(a => a.AddressFamily != AddressFamily.InterNetwork).FirstOrDefault() ?? throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw ClusterSettings.Wrong($"{option} is '{text}', whose address cannot be found here: {e.Message.TrimEnd('.')}. Give an address such as 10.0.0.7.", e);
        }
    }
}
