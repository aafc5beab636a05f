using System.Net;
using System.Text;
using Haq.Cluster.Workers;

namespace Haq.Cluster.Tests.Servers;

public sealed class ExportTests
{
    [Fact]
    public void Nothing_is_sent_where_no_collector_is_named() => Assert.Null(WorkerExport.Begin(_ => null));

    [Fact]
    public async Task A_worker_sends_its_figures_to_the_collector_that_the_environment_names()
    {
        int port = ServerProcess.FreePort();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        await using var cluster = new TestCluster("localhost", ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        cluster.Start();
        string received = "";
        while (!received.Contains("haq.worker.queue", StringComparison.Ordinal))
        {
            var context = await collector.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, TestContext.Current.CancellationToken);
            received += Encoding.Latin1.GetString(body.ToArray());
            context.Response.Close();
        }
    }
}
