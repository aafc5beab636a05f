using System.Globalization;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Haq.Cluster.Membership;

/// <summary>Orleans' table of members in a <see cref="MemberFile"/>: no member is more needed than the others, as the first one is with Orleans' own clustering for development.</summary>
internal sealed class FileMembership(MemberFile file) : IMembershipTable, IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(5);

    public bool IsUpdatable => true;

    public Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        // Those that are gone for good only slow down whoever joins.
        file.Change(list => list.Members.Any(m => m.IsGone) ? new MemberList(list.Version + 1, [.. list.Members.Where(m => !m.IsGone)]) : null);
        return Task.CompletedTask;
    }

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        file.Change(list => new MemberList(list.Version + 1, []));
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        file.Change(list => new MemberList(list.Version + 1, [.. list.Members.Where(m => m.Status != SiloStatus.Dead || m.Alive >= beforeDate.UtcDateTime)]));
        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Data(file.Read(), m => m.Address == key.ToParsableString()));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Data(file.Read(), _ => true));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        var (process, start) = Member.ThisProcess();
        string address = entry.SiloAddress.ToParsableString();
        return Task.FromResult(file.Change(list => !IsOf(list, tableVersion) || list.Members.Any(m => m.Address == address) ? null
            : new MemberList(tableVersion.Version, [.. list.Members, Of(entry, 1, process, start)])));
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        string address = entry.SiloAddress.ToParsableString();
        return Task.FromResult(file.Change(list =>
        {
            if (!IsOf(list, tableVersion) || list.Members.FirstOrDefault(m => m.Address == address) is not { } old || Text(old.Etag) != etag) return null;
            return new MemberList(tableVersion.Version, [.. list.Members.Select(m => m == old ? Of(entry, old.Etag + 1, old.Process, old.ProcessStart) : m)]);
        }));
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        string address = entry.SiloAddress.ToParsableString();
        file.Change(list => list with { Members = [.. list.Members.Select(m => m.Address == address ? m with { Alive = entry.IAmAliveTime } : m)] });
        return Task.CompletedTask;
    }

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>(
        [.. file.Read().Members.Where(m => m is { Status: SiloStatus.Active, ProxyPort: > 0 }).Select(Gateway)]);

    private static Uri Gateway(Member member)
    {
        var silo = SiloAddress.FromParsableString(member.Address);
        return SiloAddress.New(silo.Endpoint.Address, member.ProxyPort, silo.Generation).ToGatewayUri();
    }

    private static bool IsOf(MemberList list, TableVersion next) => next.VersionEtag == Text(list.Version);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static MembershipTableData Data(MemberList list, Func<Member, bool> isWanted) => new(
        [.. list.Members.Where(isWanted).Select(m => Tuple.Create(Of(m), Text(m.Etag)))], new TableVersion(list.Version, Text(list.Version)));

    private static MembershipEntry Of(Member member) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(member.Address),
        Status = member.Status,
        ProxyPort = member.ProxyPort,
        HostName = member.HostName,
        SiloName = member.SiloName,
        StartTime = member.Start,
        IAmAliveTime = member.Alive,
        SuspectTimes = [.. member.Suspicions.Select(s => Tuple.Create(SiloAddress.FromParsableString(s.By), s.Since))],
    };

    private static Member Of(MembershipEntry entry, int etag, int process, DateTime processStart) => new()
    {
        Address = entry.SiloAddress.ToParsableString(),
        Status = entry.Status,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName ?? "",
        SiloName = entry.SiloName ?? "",
        Start = entry.StartTime,
        Alive = entry.IAmAliveTime,
        Suspicions = [.. (entry.SuspectTimes ?? []).Select(s => new Suspicion(s.Item1.ToParsableString(), s.Item2))],
        Etag = etag,
        Process = process,
        ProcessStart = processStart,
    };
}
