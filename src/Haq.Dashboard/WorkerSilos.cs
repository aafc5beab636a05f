using System.Globalization;
using System.Text.Json;
using Haq.Cluster.Protocol;
using Microsoft.AspNetCore.Http;

namespace Haq.Dashboard;

/// <summary>Answers for workers' silos what Orleans' dashboard would ask of a part of itself there: its pages of these silos show their load, and the workers' queues as counters.</summary>
internal sealed class WorkerSilos(WorkerHistory history)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    /// <summary>As a middleware.</summary>
    public async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        string[] parts = (context.Request.Path.Value ?? "").Split('/', 3);
        if (parts is not ["", var question, var silo] || history.Of(Uri.UnescapeDataString(silo)) is not { } worker)
        {
            await next(context);
            return;
        }
        object? answer = question switch
        {
            "HistoricalStats" => history.StatisticsOf(worker.Silo),
            "SiloProperties" => new Dictionary<string, string> { ["hostVersion"] = $"haq {worker.Worker.Version}", ["orleansVersion"] = OrleansVersion },
            "SiloCounters" => Counters(worker),
            _ => null,
        };
        if (answer is null) await next(context);
        else await context.Response.WriteAsJsonAsync(answer, s_json, context.RequestAborted);
    }

    private static string OrleansVersion { get; } = typeof(Orleans.Grain).Assembly.GetName().Version?.ToString() ?? "";

    private static Counter[] Counters(WorkerFigures f) =>
    [
        new("haq.worker.batches", Text(f.Batches), null),
        new("haq.worker.busy", f.Busy.ToString("0.000", CultureInfo.InvariantCulture), null),
        new("haq.worker.clients", Text(f.Clients), null),
        new("haq.worker.pieces", Text(f.Pieces), null),
        new("haq.worker.queue", Text(f.Queued), null),
        new("haq.worker.running", Text(f.Running), null),
        new("haq.worker.subjects", Text(f.Subjects), null),
        new("haq.worker.threads", Text(f.Threads), null),
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Counter(string Name, string Value, string? Delta);
}
