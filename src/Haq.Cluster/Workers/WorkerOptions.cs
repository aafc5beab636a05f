using System.Net;
using Haq.Cluster.Protocol;

namespace Haq.Cluster.Workers;

/// <summary>How a worker works.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Pieces of work at a time, each on one thread.</summary>
    public required int Threads { get; init; }

    /// <summary>Where subjects are kept.</summary>
    public required string Folder { get; init; }

    /// <summary>How many bytes of them.</summary>
    public long Limit { get; init; } = 20L << 30;

    /// <summary>How many are open at a time.</summary>
    public int OpenSubjects { get; init; } = 4;

    /// <summary>Where it listens; port 0 takes any two that are free, otherwise the port and the next one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The address under which others reach it; null for where it listens.</summary>
    public IPAddress? Advertised { get; init; }

    /// <summary>Who it is.</summary>
    public WorkerIdentity Identity { get; init; } = WorkerIdentity.Here;

    /// <summary>For how long work of a client is kept that does not ask any more.</summary>
    public TimeSpan Forget { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long work under way may take after the worker was asked to end.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(20);
}
