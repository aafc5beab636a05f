namespace Haq.Engine.Diagnostics;

// 097x: workers and the cluster that they form
public static partial class DiagnosticCatalog
{
    /// <summary>A setting of the cluster is wrong.</summary>
    public static readonly DiagnosticDescriptor ClusterInvalid = new("HAQ0970", "A setting of the cluster is wrong", ExitCode.Usage);

    /// <summary>A worker would listen beyond this machine, and nothing tells who may speak to it.</summary>
    public static readonly DiagnosticDescriptor ClusterOpen = new("HAQ0971", "A worker would be open to everybody", ExitCode.Usage);

    /// <summary>A subject does not fit where a worker keeps them.</summary>
    public static readonly DiagnosticDescriptor WorkerFull = new("HAQ0972", "A worker has no room", ExitCode.Machine);

    /// <summary>A worker cannot join the cluster.</summary>
    public static readonly DiagnosticDescriptor ClusterUnreachable = new("HAQ0973", "The cluster cannot be joined", ExitCode.Machine);

    /// <summary>A worker of another version or class of machine.</summary>
    public static readonly DiagnosticDescriptor WorkerRefused = new("HAQ1970", "A worker was refused", ExitCode.Ok);

    /// <summary>A worker failed or does not answer.</summary>
    public static readonly DiagnosticDescriptor WorkerAside = new("HAQ1971", "A worker is left aside", ExitCode.Ok);

    /// <summary>The cluster did not help.</summary>
    public static readonly DiagnosticDescriptor ClusterAside = new("HAQ1972", "The cluster is left aside", ExitCode.Ok);
}
