using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Haq.Cluster.Clients;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Haq.Dashboard;

/// <summary>The workers and their queues, as a page that renews itself and as JSON.</summary>
internal static class WorkerPages
{
    private const string Style =
        "body{font:15px system-ui,sans-serif;margin:2em;color:#222;background:#fff}table{border-collapse:collapse}th,td{padding:.3em .8em;text-align:right;border-bottom:1px solid #ddd}"
        + "th:first-child,td:first-child,th:nth-child(2),td:nth-child(2),th:nth-child(3),td:nth-child(3){text-align:left}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}";

    public static void Map(IEndpointRouteBuilder app, string cluster, WorkerWatch watch)
    {
        app.MapGet("/workers", (RequestDelegate)(context => WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(Page(cluster, watch.Now)))));
        app.MapGet("/workers.json", (RequestDelegate)(context => WriteAsync(context, "application/json", Json(cluster, watch.Now))));
    }

    private static async Task WriteAsync(HttpContext context, string type, byte[] content)
    {
        (context.Response.ContentType, context.Response.Headers.CacheControl) = (type, "no-store");
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static byte[] Json(string cluster, IReadOnlyList<RolledWorker> workers)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true })) WorkerRollJson.Write(writer, cluster, workers);
        return stream.ToArray();
    }

    private static string Page(string cluster, IReadOnlyList<RolledWorker> workers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"2\"><title>haq workers</title><style>{Style}</style>");
        text.Append(CultureInfo.InvariantCulture, $"<h1>Workers of {Safe(cluster)}</h1><p><a href=\"./\">Orleans' dashboard</a></p>");
        if (workers.Count == 0) return text.Append("<p>No worker is there.</p></html>").ToString();
        text.Append("<table><tr><th>worker<th>address<th>version<th>threads<th>queue<th>running<th>batches<th>busy<th>clients<th>memory");
        foreach (var worker in workers)
        {
            if (worker.Figures is { } f)
            {
                text.Append(CultureInfo.InvariantCulture, $"<tr><td>{Safe(f.Name)}<td>{Safe(worker.Address)}<td>{Safe(f.Worker.Version)}<td>{f.Threads}<td>{f.Queued}<td>{f.Running}");
                text.Append(CultureInfo.InvariantCulture, $"<td>{f.Batches}<td>{100 * f.Busy:0} %<td>{f.Clients}<td>{f.Memory / 1e6:0} MB");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"<tr><td>?<td>{Safe(worker.Address)}<td colspan=\"8\">{Safe(worker.Problem ?? "")}");
            }
        }
        return text.Append("</table></html>").ToString();
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
