using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;

namespace Haq.Cluster.Membership;

/// <summary>Where a silo is.</summary>
/// <param name="Listen">Where it listens; port 0 takes any two that are free, otherwise the port and the next one.</param>
/// <param name="Advertise">The address under which others reach it; null for where it listens.</param>
internal sealed record SiloPlace(IPEndPoint Listen, IPAddress? Advertise)
{
    /// <summary>Nobody but members speaks to it.</summary>
    /// <exception cref="HaqException">Others reach it, and nothing tells who is a member (HAQ0971).</exception>
    public void RequireClosed(ClusterSettings settings)
    {
        if (IPAddress.IsLoopback(Listen.Address) || settings.Secret is not null || settings.Certificates is not null) return;
        throw DiagnosticCatalog.ClusterOpen.Error((SourceLocation?)null,
            $"a member that listens on {Listen.Address} would work for everybody who reaches it. Set {ClusterSettings.SecretVariable} to the same secret on all machines, "
            + $"or name certificates ({ClusterSettings.CertificateVariable}, {ClusterSettings.KeyVariable}, {ClusterSettings.AuthoritiesVariable}); or listen on 127.0.0.1.");
    }

    /// <summary>
    /// Nobody else has the ports. Orleans' listeners share theirs with whoever asks for it on Linux: of two workers on one port each would get some of the other one's connections.
    /// </summary>
    /// <exception cref="HaqException">Somebody has one of them, or there is no such address here (HAQ0970).</exception>
    public void RequireFree()
    {
        if (Listen.Port == 0) return;
        foreach (int port in (int[])[Listen.Port, Listen.Port + 1])
        {
            try
            {
                using var listener = new TcpListener(Listen.Address, port);
                listener.Start();
            }
            catch (SocketException e)
            {
                string place = new IPEndPoint(Listen.Address, port).ToString();
                throw ClusterSettings.Wrong(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{place} is in use by another program. A member needs two ports, the one that is named and the next: name others."
                    : $"nobody can listen on {place} here: {ErrorWords.Of(e)}. Name an address of this machine.", e);
            }
        }
    }

    /// <summary>The two ports, for other silos and for clients.</summary>
    public (IPEndPoint Silo, IPEndPoint Gateway) Ports()
    {
        if (Listen.Port > 0) return (Listen, new IPEndPoint(Listen.Address, Listen.Port + 1));
        using var one = new TcpListener(Listen.Address, 0);
        using var other = new TcpListener(Listen.Address, 0);
        one.Start();
        other.Start();
        return ((IPEndPoint)one.LocalEndpoint, (IPEndPoint)other.LocalEndpoint);
    }

    /// <summary>The address that the others are told.</summary>
    /// <exception cref="HaqException">There is none (HAQ0970).</exception>
    public IPAddress Advertised()
    {
        if (Advertise is { } said) return said;
        if (!Listen.Address.Equals(IPAddress.Any) && !Listen.Address.Equals(IPAddress.IPv6Any)) return Listen.Address;
        var addresses = NetworkInterface.GetAllNetworkInterfaces().Where(n => n.OperationalStatus == OperationalStatus.Up)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address);
        return addresses.FirstOrDefault(a => a.AddressFamily == Listen.Address.AddressFamily && !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal)
            ?? throw ClusterSettings.Wrong($"a member listens on {Listen.Address}, and this machine has no address that others could reach it at. Name one with --advertise.");
    }
}
