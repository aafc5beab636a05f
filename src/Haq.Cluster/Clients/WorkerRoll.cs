using System.Globalization;
using Haq.Cluster.Protocol;
using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;

namespace Haq.Cluster.Clients;

/// <param name="Gateway">Where it listens for clients.</param>
/// <param name="Figures">How it is; null where it does not answer.</param>
/// <param name="Problem">Why it does not answer; null where it does.</param>
internal sealed record RolledWorker(Uri Gateway, WorkerFigures? Figures, string? Problem)
{
    /// <summary>The same as host and port.</summary>
    public string Address => Gateway.Authority;
}

/// <summary>Asks every worker of a cluster how it is.</summary>
internal static class WorkerRoll
{
    /// <summary>All at a time; one that does not answer delays the answer by no more than the patience.</summary>
    /// <returns>Those that the cluster names, in the order of their names; those that do not answer last.</returns>
    /// <exception cref="HaqException">Nobody can be asked who is there (HAQ0973).</exception>
    public static async Task<IReadOnlyList<RolledWorker>> CallAsync(ClusterSettings settings, CancellationToken cancellation)
    {
        IReadOnlyList<Uri> gateways;
        try
        {
            using var list = await GatewayList.OpenAsync(settings, cancellation).ConfigureAwait(false);
            gateways = await list.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException and not HaqException)
        {
            throw DiagnosticCatalog.ClusterUnreachable.Error((SourceLocation?)null,
                $"the cluster {settings.Said} cannot be asked for its workers: {ErrorWords.Of(e)}. {ClusterHint.For(settings)}", e);
        }
        var workers = await Task.WhenAll(gateways.Select(g => AskAsync(settings, g, cancellation))).ConfigureAwait(false);
        return [.. InOrder(workers)];
    }

    /// <summary>By name; those that do not answer last.</summary>
    public static IEnumerable<RolledWorker> InOrder(IEnumerable<RolledWorker> workers) =>
        workers.OrderBy(w => w.Figures is null).ThenBy(w => w.Figures?.Name, StringComparer.Ordinal).ThenBy(w => w.Address, StringComparer.Ordinal);

    /// <summary>Why a worker does not answer.</summary>
    public static string ProblemOf(Exception e, ClusterSettings settings)
    {
        if (e is MemberRefusedException) return e.Message;
        string why = e is TimeoutException or OperationCanceledException
            ? string.Create(CultureInfo.InvariantCulture, $"it does not answer within {settings.Patience.TotalSeconds:0.#} s") : ErrorWords.Of(e);
        return $"{why}. Does it run, can it be reached from here at that address, and has it the same {ClusterSettings.SecretVariable} and certificates?";
    }

    private static async Task<RolledWorker> AskAsync(ClusterSettings settings, Uri gateway, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await WorkerConnection.OpenAsync(settings, gateway, cancellation).ConfigureAwait(false);
            return new RolledWorker(gateway, await connection.Worker.Tell().WaitAsync(settings.Patience, cancellation).ConfigureAwait(false), null);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            return new RolledWorker(gateway, null, ProblemOf(e, settings));
        }
    }
}
