using System.Net;

namespace Haq.Tool;

/// <param name="Cluster">The cluster, in place of the environment's.</param>
/// <param name="Threads">Pieces of work at a time; null for one a processor.</param>
/// <param name="Listen">Where to listen; null for this machine alone.</param>
/// <param name="Advertise">The address that others reach it at; null for that one.</param>
/// <param name="Folder">Where subjects are kept; null for the user's own place.</param>
/// <param name="Limit">How many gigabytes of them.</param>
internal sealed record WorkerRequest(string? Cluster, int? Threads, IPEndPoint? Listen, IPAddress? Advertise, string? Folder, double Limit);
