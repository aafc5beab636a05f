using System.Net;
using Haq.Cluster.Membership;
using Haq.Engine.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Haq.Cluster.Tests.Membership;

/// <summary>A member finds out that its row is gone, and that its clock is behind.</summary>
public sealed class OwnRowTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FileMembership _table;
    private readonly Place _own = new(1);

    public OwnRowTests() => _table = new FileMembership(new MemberFile(_folder["members.json"]));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3600, true)]
    [InlineData(2, false)]
    [InlineData(-3600, false)]
    public async Task Another_ones_clock_that_is_far_ahead_is_told_with_its_name(int secondsAhead, bool isTold)
    {
        await AddAsync(_own.SiloAddress, "own", 0);
        await AddAsync(new Place(2).SiloAddress, "other", secondsAhead);
        var said = new TaskCompletionSource<string>();
        using var end = new CancellationTokenSource();
        var watching = new OwnRow(Services(), text => said.TrySetResult(text)).GoneAsync(new Outage(), end.Token);
        await Task.WhenAny(said.Task, Task.Delay(isTold ? s_patience : TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.Equal(isTold, said.Task.IsCompleted);
        if (isTold) Assert.Contains("60 min behind that of other", await said.Task, StringComparison.Ordinal);
        Assert.False(watching.IsCompleted);
        await end.CancelAsync();
        await watching.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_row_that_is_gone_is_noticed()
    {
        await AddAsync(new Place(2).SiloAddress, "other", 0);
        var outage = new Outage();
        await new OwnRow(Services(), _ => { }).GoneAsync(outage, CancellationToken.None).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Contains("gone", outage.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Why_a_member_was_given_up_is_told_without_the_list_of_all()
    {
        var outage = new Outage();
        outage.OnFatalException(exception: new InvalidOperationException("I have been told I am dead. Membership: [one, two]"));
        Assert.Equal("I have been told I am dead.", outage.Why);
        Assert.True(outage.Happened.IsCompleted);
    }

    private async Task AddAsync(SiloAddress address, string name, int secondsAhead)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var entry = new MembershipEntry
        {
            SiloAddress = address, SiloName = name, HostName = "here", Status = SiloStatus.Active, StartTime = now, IAmAliveTime = now.AddSeconds(secondsAhead), SuspectTimes = [],
        };
        Assert.True(await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next()));
    }

    private ServiceProvider Services() => new ServiceCollection().AddSingleton<IMembershipTable>(_table).AddSingleton<ILocalSiloDetails>(_own).BuildServiceProvider();

    private sealed class Place(int generation) : ILocalSiloDetails
    {
        public string Name => "own";

        public string ClusterId => "haq";

        public string DnsHostName => "here";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(IPAddress.Loopback, 7000, generation);

        public SiloAddress GatewayAddress => SiloAddress;
    }
}
