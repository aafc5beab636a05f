#!/usr/bin/env bash
# Orleans 10.4.2: a request above MaxMessageBodySize is not refused. Its caller waits the whole response timeout and is told of lateness, not of size.
#
# Guess: the caller gets an exception about the size at once, as the serialized length is known before anything is sent.
# Seen:  with limits of 1 MiB on client and silo (100 MB is the default) and a response timeout of 4 s:
#          10 bytes: 10
#          2 MiB: TimeoutException after 4 s or a little more: "Response did not arrive on time in 00:00:04 for message: …"
#        An answer above the limit ends in the same way. Split what is large before it is sent, and check lengths yourself.
# Ends with 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.Orleans.Server" Version="10.4.2" />
    <PackageReference Include="Microsoft.Orleans.Client" Version="10.4.2" />
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

const int Limit = 1 << 20;
int siloPort = FreePort(), gateway = FreePort();
var timeout = TimeSpan.FromSeconds(4);
using var silo = Start(b => b.UseOrleans(s => s.UseLocalhostClustering(siloPort, gateway).Configure<SiloMessagingOptions>(o => o.MaxMessageBodySize = Limit)));
await silo.StartAsync();
using var client = Start(b => b.UseOrleansClient(c => c.UseLocalhostClustering(gateway)
    .Configure<ClientMessagingOptions>(o => (o.MaxMessageBodySize, o.ResponseTimeout) = (Limit, timeout))));
await client.StartAsync();
Console.WriteLine($"Orleans {typeof(Grain).Assembly.GetName().Version}");
var grain = client.Services.GetRequiredService<IClusterClient>().GetGrain<ISize>(0);

Console.WriteLine($"10 bytes: {await grain.Of(new byte[10])}");
var watch = Stopwatch.StartNew();
bool isLate = false;
try
{
    Console.WriteLine($"2 MiB: {await grain.Of(new byte[2 * Limit])}");
}
catch (TimeoutException e)
{
    isLate = watch.Elapsed >= timeout;
    Console.WriteLine($"2 MiB: TimeoutException after {watch.Elapsed.TotalSeconds:0.0} s: {e.Message}");
}
return isLate ? 0 : 1;

static IHost Start(Action<HostApplicationBuilder> configure)
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
dotnet run -v q 2>&1 | cut -c1-400
exit "${PIPESTATUS[0]}"
