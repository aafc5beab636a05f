#!/usr/bin/env bash
# Orleans 10.4.2 with Microsoft.Orleans.Clustering.Redis: a silo whose Redis was restarted without its data goes on as if nothing had happened, and is never in the table again.
#
# Guess: the silo's heartbeat ("I am alive") writes its row anew within its period, or the silo takes the missing row for a death sentence and ends, so that a supervisor starts it again.
# Seen:  the process goes on, its host never stops, and its row never comes back (its heartbeat writes the field "Version" at most). New clients find no gateway; those that were connected lose theirs
#        when they next read the table. A silo that starts afterwards is found at once, so that the table itself is sound:
#          with its row: table [S…, Version], call 3
#          Redis again, empty: table []
#          90 s later: table [] or [Version], silo ended: no, new client: no gateway in 20 s
#          a second silo: table [S…, Version], new client: 3
#        Give Redis persistence, or let silos watch for their own row.
# Needs redis-server; where it is not on the PATH, Debian's package is unpacked into the temporary folder. Takes two minutes. Ends with 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! command -v redis-server >/dev/null; then
  (mkdir redis && cd redis && apt-get download redis-server redis-tools liblua5.1-0 lua-bitop lua-cjson libjemalloc2 liblzf1 >/dev/null && for p in *.deb; do dpkg -x "$p" .; done)
  export PATH="$folder/redis/usr/bin:$PATH" LD_LIBRARY_PATH="$folder/redis/usr/lib/$(uname -m)-linux-gnu"
fi
redis-server --version
cat > finding.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.Orleans.Server" Version="10.4.2" />
    <PackageReference Include="Microsoft.Orleans.Client" Version="10.4.2" />
    <PackageReference Include="Microsoft.Orleans.Clustering.Redis" Version="10.4.2" />
    <PackageReference Include="StackExchange.Redis" Version="2.13.17" />
  </ItemGroup>
</Project>
P
cat > Program.cs <<'P'
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using StackExchange.Redis;

string redis = $"127.0.0.1:{FreePort()}";
var server = StartRedis();
try
{
    using var silo = Silo();
    await silo.StartAsync();
    bool hasEnded = false;
    silo.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => hasEnded = true);
    using var client = Client();
    await client.StartAsync();
    string first = await Table();
    Console.WriteLine($"with its row: table [{first}], call {await Call(client)}");
    server.Kill();
    server.WaitForExit();
    server = StartRedis();
    Console.WriteLine($"Redis again, empty: table [{await Table()}]");
    await Task.Delay(TimeSpan.FromSeconds(90));
    string later = await Table();
    string lost = await Connected();
    bool ended = hasEnded;
    Console.WriteLine($"90 s later: table [{later}], silo ended: {(ended ? "yes" : "no")}, new client: {lost}");
    using var second = Silo();
    await second.StartAsync();
    string found = await Connected();
    Console.WriteLine($"a second silo: table [{await Table()}], new client: {found}");
    return first != "Version" && later is "Version" or "" && !ended && lost != "3" && found == "3" ? 0 : 1;
}
finally
{
    server.Kill();
}

Process StartRedis()
{
    var process = Process.Start(new ProcessStartInfo("redis-server", ["--bind", "127.0.0.1", "--port", redis.Split(':')[1], "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
    process.OutputDataReceived += (_, _) => { };
    process.BeginOutputReadLine();
    for (int i = 0; i < 100; i++)
    {
        try
        {
            using var probe = new TcpClient("127.0.0.1", int.Parse(redis.Split(':')[1]));
            return process;
        }
        catch (SocketException)
        {
            Thread.Sleep(100);
        }
    }
    throw new TimeoutException("redis-server does not listen");
}

IHost Silo() => Build(b => b.UseOrleans(s => s.UseRedisClustering(redis).Configure<ClusterOptions>(Names).ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort())));

IHost Client() => Build(b => b.UseOrleansClient(c => c.UseRedisClustering(redis).Configure<ClusterOptions>(Names)));

static void Names(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("cluster", "service");

async Task<string> Table()
{
    using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
    var rows = await connection.GetDatabase().HashGetAllAsync("service/members/cluster");
    return string.Join(", ", rows.Select(r => r.Name.ToString()).Order(StringComparer.Ordinal));
}

async Task<string> Connected()
{
    using var client = Client();
    using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
    try
    {
        await client.StartAsync(limit.Token);
        return await Call(client);
    }
    catch (Exception e) when (e is OperationCanceledException or Orleans.Runtime.SiloUnavailableException)
    {
        return "no gateway in 20 s";
    }
}

static async Task<string> Call(IHost client) =>
    (await client.Services.GetRequiredService<IClusterClient>().GetGrain<ISize>(0).Of(new byte[3])).ToString();

static IHost Build(Action<HostApplicationBuilder> configure)
{
    var builder = Host.CreateApplicationBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.None);
    configure(builder);
    return builder.Build();
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}

public interface ISize : IGrainWithIntegerKey
{
    Task<int> Of(byte[] content);
}

public sealed class Size : Grain, ISize
{
    public Task<int> Of(byte[] content) => Task.FromResult(content.Length);
}
P
dotnet run -v q 2>&1
exit "${PIPESTATUS[0]}"
