using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Haq.Cluster.Workers;

/// <summary>
/// Sends a worker's figures, and Orleans' own, to a collector of OpenTelemetry, by the standard's own variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>OTEL_METRIC_EXPORT_INTERVAL</c> …).
/// </summary>
public static class WorkerExport
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT", MetricsVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", OrleansMeter = "Microsoft.Orleans";

    /// <summary>Begins, where the environment names a collector; null where it does not. What is left is sent when it is disposed of.</summary>
    public static IDisposable? Begin(Func<string, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (string.IsNullOrWhiteSpace(read(EndpointVariable)) && string.IsNullOrWhiteSpace(read(MetricsVariable))) return null;
        return Sdk.CreateMeterProviderBuilder().AddMeter(WorkerMeter.Name, OrleansMeter).AddOtlpExporter().Build();
    }
}
