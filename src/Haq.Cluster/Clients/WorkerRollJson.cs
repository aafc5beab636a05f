using System.Text.Json;

namespace Haq.Cluster.Clients;

/// <summary>The workers of a cluster as JSON.</summary>
internal static class WorkerRollJson
{
    public static void Write(Utf8JsonWriter writer, string cluster, IReadOnlyList<RolledWorker> workers)
    {
        writer.WriteStartObject();
        writer.WriteString("cluster", cluster);
        writer.WriteStartArray("workers");
        foreach (var worker in workers) Write(writer, worker);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RolledWorker worker)
    {
        writer.WriteStartObject();
        writer.WriteString("address", worker.Address);
        writer.WriteBoolean("answers", worker.Figures is not null);
        if (worker.Problem is { } problem) writer.WriteString("problem", problem);
        if (worker.Figures is { } f)
        {
            writer.WriteString("name", f.Name);
            writer.WriteString("version", f.Worker.Version);
            writer.WriteString("engine", f.Worker.Engine);
            writer.WriteString("class", f.Worker.Class);
            writer.WriteNumber("threads", f.Threads);
            writer.WriteNumber("queue", f.Queued);
            writer.WriteNumber("running", f.Running);
            writer.WriteNumber("pieces", f.Pieces);
            writer.WriteNumber("batches", f.Batches);
            writer.WriteNumber("busy", Math.Round(f.Busy, 3));
            writer.WriteNumber("subjects", f.Subjects);
            writer.WriteNumber("clients", f.Clients);
            writer.WriteNumber("memory", f.Memory);
            writer.WriteNumber("upSeconds", Math.Round(f.UpSeconds, 1));
            writer.WriteBoolean("leaving", f.IsLeaving);
        }
        writer.WriteEndObject();
    }
}
