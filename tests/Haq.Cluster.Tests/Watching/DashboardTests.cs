using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Haq.Cluster.Tests.Servers;

namespace Haq.Cluster.Tests.Watching;

/// <summary>The dashboard, a real process, beside real workers: it lists them, their grain and their queues, and does none of their work.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    private const string Secret = "of-the-tests-0123456789abcdef", Password = "of-the-dashboard-0123456789";

    private readonly TestCluster _cluster = new("localhost", ("HAQ_CLUSTER_SECRET", Secret));
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Silos_grains_and_queues_are_shown_and_the_result_stays_the_same()
    {
        Assert.SkipUnless(HasWebRuntime, "the ASP.NET Core runtime is not installed");
        var alone = _cluster.Build(withWorkers: false);
        _cluster.Start(2);
        string at = At(ServerProcess.FreePort());
        using var dashboard = DashboardProcess.Start(_cluster.Environment, "--cluster", "localhost", "--listen", at["http://".Length..]);
        var built = _cluster.Build();
        built.Is(alone);
        Assert.DoesNotContain(built.Warnings, w => w.Descriptor.Code == "HAQ1972");

        // Two workers answer, and did the work.
        var workers = await UntilAsync($"{at}/workers.json", d => d.GetProperty("workers").EnumerateArray().Sum(w => w.GetProperty("batches").GetInt64()) >= built.Pieces);
        Assert.Equal(2, workers.GetProperty("workers").GetArrayLength());
        Assert.Contains("haq workers", await _http.GetStringAsync($"{at}/workers", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // Orleans' own page and what it reads: three silos, one of them without a gateway, and the workers' grain on the two others.
        Assert.Contains("index.min.js", await _http.GetStringAsync($"{at}/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var counters = await UntilAsync($"{at}/DashboardCounters", d => d.GetProperty("totalActiveHostCount").GetInt32() == 3 && Grains(d).Count >= 2);
        var silos = counters.GetProperty("hosts").EnumerateArray().ToList();
        var own = Assert.Single(silos, s => s.GetProperty("siloName").GetString()!.StartsWith("dashboard/", StringComparison.Ordinal));
        Assert.Equal(0, own.GetProperty("proxyPort").GetInt32());
        Assert.DoesNotContain(own.GetProperty("siloAddress").GetString(), Grains(counters));

        // Its page of a worker's silo: its load, its version, and the queue among its counters.
        string silo = Uri.EscapeDataString(Grains(counters)[0]);
        await UntilAsync($"{at}/HistoricalStats/{silo}", d => d.EnumerateArray().Any(s => s.ValueKind == JsonValueKind.Object));
        Assert.StartsWith("haq ", (await ReadAsync($"{at}/SiloProperties/{silo}")).GetProperty("hostVersion").GetString(), StringComparison.Ordinal);
        Assert.Contains("haq.worker.queue", (await ReadAsync($"{at}/SiloCounters/{silo}")).EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task It_joins_again_where_Redis_forgot_everybody()
    {
        Assert.SkipUnless(HasWebRuntime, "the ASP.NET Core runtime is not installed");
        Assert.SkipWhen(RedisTests.Program is null, "redis-server is not installed");
        int port = ServerProcess.FreePort();
        var redis = RedisTests.Start(port);
        try
        {
            await using var cluster = new TestCluster(string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{port}"));
            var worker = cluster.Start();
            string at = At(ServerProcess.FreePort());
            using var dashboard = DashboardProcess.Start(cluster.Environment, "--cluster", cluster.Address, "--listen", at["http://".Length..]);
            redis.Dispose();
            redis = RedisTests.Start(port);
            dashboard.WaitFor("joining again");
            worker.WaitFor("connected to the cluster", times: 2);
            await UntilAsync($"{at}/DashboardCounters", d => d.GetProperty("totalActiveHostCount").GetInt32() == 2);
            await UntilAsync($"{at}/workers.json", d => d.GetProperty("workers").EnumerateArray().Any(w => w.GetProperty("answers").GetBoolean()));
        }
        finally
        {
            redis.Dispose();
        }
    }

    [Fact]
    public async Task A_password_is_asked_for_and_a_name_of_somebody_else_is_not_served()
    {
        Assert.SkipUnless(HasWebRuntime, "the ASP.NET Core runtime is not installed");
        string at = At(ServerProcess.FreePort());
        using (DashboardProcess.Start(_cluster.Environment, "--cluster", "localhost", "--listen", at["http://".Length..]))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{at}/workers.json") { Headers = { Host = "stranger.example" } };
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        _cluster.Environment["HAQ_DASHBOARD_PASSWORD"] = Password;
        at = At(ServerProcess.FreePort());
        using var dashboard = DashboardProcess.Start(_cluster.Environment, "--cluster", "localhost", "--listen", at["http://".Length..]);
        foreach (string page in (string[])["/", "/workers", "/workers.json", "/DashboardCounters"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync($"{at}{page}", null));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync($"{at}{page}", "haq:another"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{at}{page}", $"haq:{Password}"));
        }
    }

    [Fact]
    public async Task It_does_not_start_where_everybody_could_see_it_or_join_it()
    {
        Assert.SkipUnless(HasWebRuntime, "the ASP.NET Core runtime is not installed");
        var (status, error) = await DashboardProcess.RunAsync(_cluster.Environment, "--cluster", "localhost", "--listen", "0.0.0.0:41236");
        Assert.NotEqual(0, status);
        Assert.Contains("HAQ0971", error, StringComparison.Ordinal);
        Assert.Contains("HAQ_DASHBOARD_PASSWORD", error, StringComparison.Ordinal);
        _cluster.Environment.Remove("HAQ_CLUSTER_SECRET");
        (status, error) = await DashboardProcess.RunAsync(_cluster.Environment, "--cluster", "localhost", "--silo", "0.0.0.0:41238");
        Assert.NotEqual(0, status);
        Assert.Contains("HAQ_CLUSTER_SECRET", error, StringComparison.Ordinal);
    }

    // The tool's own runtime is what tests run on; the dashboard's may not be there.
    private static bool HasWebRuntime =>
        Directory.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "Microsoft.AspNetCore.App"));

    private static string At(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static List<string> Grains(JsonElement counters) =>
        [.. counters.GetProperty("simpleGrainStats").EnumerateArray().Where(g => g.GetProperty("grainType").GetString()!.EndsWith("WorkerGrain", StringComparison.Ordinal))
            .Select(g => g.GetProperty("siloAddress").GetString()!).Distinct()];

    private async Task<JsonElement> ReadAsync(string address)
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync(address, TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }

    private async Task<JsonElement> UntilAsync(string address, Func<JsonElement, bool> isEnough)
    {
        JsonElement last = default;
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            try
            {
                last = await ReadAsync(address);
                if (isEnough(last)) return last;
            }
            catch (HttpRequestException)
            {
                // It joins again just now.
            }
        }
        Assert.Fail($"{address} says after a minute: {last}");
        return last;
    }

    private async Task<HttpStatusCode> StatusAsync(string address, string? credentials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (credentials is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
