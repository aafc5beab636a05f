using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Clustering.Redis;
using Orleans.Runtime;

namespace Haq.Cluster.Membership;

/// <summary>Watches a silo's own row in the list of members, and its clock beside theirs.</summary>
/// <param name="services">The silo's.</param>
/// <param name="complain">Told of a clock that is behind.</param>
internal sealed class OwnRow(IServiceProvider services, Action<string> complain)
{
    private const int MostMissing = 2;

    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(2), s_skew = TimeSpan.FromSeconds(8);

    private bool _isTold;

    /// <summary>
    /// Comes back when the row is gone, or at the end. A server that was started again without its data does not know the silo any more, and Orleans does not notice: nobody new would find it.
    /// </summary>
    public async Task GoneAsync(Outage outage, CancellationToken cancellation)
    {
        var (table, own) = (services.GetRequiredService<IMembershipTable>(), services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        for (int missing = 0; missing < MostMissing;)
        {
            await Task.Delay(s_watch, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested) return;
            try
            {
                MembershipEntry[] members = [.. (await table.ReadAllAsync(cancellation).WaitAsync(s_watch, cancellation).ConfigureAwait(false)).Members.Select(m => m.Item1)];
                missing = members.Any(m => m.SiloAddress.Equals(own)) ? 0 : missing + 1;
                CompareClocks(members.Where(m => m.Status == SiloStatus.Active && !m.SiloAddress.Equals(own)));
            }
            catch (Exception e) when (e is RedisClusteringException or ArgumentOutOfRangeException)
            {
                // The server is there and has no list at all: so Redis' and PostgreSQL's providers say it.
                missing++;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever the server's library throws while it is away: it says nothing about who is in the table.
                missing = 0;
            }
        }
        outage.Say("its row is gone from the list of members");
    }

    // Each writes by its own clock when it was alive: whose is far behind looks dead to the others.
    private void CompareClocks(IEnumerable<MembershipEntry> others)
    {
        if (_isTold || others.MaxBy(m => m.IAmAliveTime) is not { } latest) return;
        var behind = latest.IAmAliveTime - TimeProvider.System.GetUtcNow().UtcDateTime;
        if (behind < s_skew) return;
        _isTold = true;
        string much = behind.TotalMinutes < 2 ? $"{behind.TotalSeconds:0} s" : $"{behind.TotalMinutes:0} min";
        complain(string.Create(CultureInfo.InvariantCulture,
            $"the clock of this machine is {much} behind that of {latest.SiloName}. Members give up whoever is more than {StaleAfter.TotalSeconds:0} s behind: set the clocks alike"));
    }

    /// <summary>Orleans' limit: so many rounds of writing missed.</summary>
    private static TimeSpan StaleAfter => 3 * ClusterMembership.AliveEvery;
}
