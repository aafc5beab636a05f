#!/usr/bin/env bash
# Orleans 10.4.2: an exception of the application's own type that a grain throws reaches the caller as CodecNotFoundException. Its message is lost, though caller and grain know the type.
#
# Guess: it arrives as its own type, or as a general exception with its message and stack, as exceptions have codecs of their own.
# Seen:  only types with [GenerateSerializer] and those of .NET itself do:
#          InvalidOperationException: InvalidOperationException "the disk is full"
#          Marked : Exception, with [GenerateSerializer]: Marked "the disk is full"
#          Plain : Exception: CodecNotFoundException "Could not find a codec for type Plain."
#          AggregateException of a Plain: CodecNotFoundException "Could not find a codec for type Plain."
#        Return failures as values, or mark each exception that may leave a grain.
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
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

int siloPort = FreePort(), gateway = FreePort();
using var silo = Start(b => b.UseOrleans(s => s.UseLocalhostClustering(siloPort, gateway)));
await silo.StartAsync();
using var client = Start(b => b.UseOrleansClient(c => c.UseLocalhostClustering(gateway)));
await client.StartAsync();
Console.WriteLine($"Orleans {typeof(Grain).Assembly.GetName().Version}");
var grain = client.Services.GetRequiredService<IClusterClient>().GetGrain<IThrower>(0);
string[] seen = [await Seen(0), await Seen(1), await Seen(2), await Seen(3)];
return seen.SequenceEqual(["InvalidOperationException", "Marked", "CodecNotFoundException", "CodecNotFoundException"]) ? 0 : 1;

async Task<string> Seen(int which)
{
    try
    {
        await grain.Throw(which);
        return "";
    }
    catch (Exception e)
    {
        Console.WriteLine($"{Exceptions.All[which].GetType().Name}: {e.GetType().Name} \"{e.Message}\"");
        return e.GetType().Name;
    }
}

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

public sealed class Plain(string message) : Exception(message);

[GenerateSerializer]
public sealed class Marked(string message) : Exception(message);

public static class Exceptions
{
    public static Exception[] All =>
        [new InvalidOperationException("the disk is full"), new Marked("the disk is full"), new Plain("the disk is full"), new AggregateException(new Plain("the disk is full"))];
}

public interface IThrower : IGrainWithIntegerKey
{
    Task Throw(int which);
}

public sealed class Thrower : Grain, IThrower
{
    public Task Throw(int which) => throw Exceptions.All[which];
}
P
dotnet run -v q 2>&1
exit "${PIPESTATUS[0]}"
