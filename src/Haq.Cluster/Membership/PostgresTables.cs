using Haq.Cluster.Settings;
using Haq.Engine.Diagnostics;
using Npgsql;

namespace Haq.Cluster.Membership;

/// <summary>The tables that a cluster in PostgreSQL needs.</summary>
public static class PostgresTables
{
    private const string Script = "postgres.sql";

    /// <summary>Makes them where they are not; what is there stays. As a whole or not at all.</summary>
    /// <exception cref="HaqException">The cluster is in no PostgreSQL (HAQ0970), or that cannot be reached or refuses (HAQ0973).</exception>
    public static async Task CreateAsync(ClusterSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Address.Kind != ClusterKind.Postgres) throw ClusterSettings.Wrong($"--create-tables is for clusters in PostgreSQL, and this one is {settings.Said}. It needs no tables.");
        try
        {
            await using var source = NpgsqlDataSource.Create(ClusterMembership.Postgres(settings));
            await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await using var command = new NpgsqlCommand(Read(), connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw DiagnosticCatalog.ClusterUnreachable.Error((SourceLocation?)null,
                $"the tables of the cluster {settings.Said} cannot be made: {e.Message.TrimEnd('.')}. Is PostgreSQL there, do {ClusterSettings.UserVariable} and {ClusterSettings.PasswordVariable} fit, and may that user create tables?", e);
        }
    }

    private static string Read()
    {
        using var stream = typeof(PostgresTables).Assembly.GetManifestResourceStream(Script)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
