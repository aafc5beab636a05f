using Haq.Cluster.Clients;
using Haq.Engine.Reporting;

namespace Haq.Tool.Output;

/// <summary>The workers of a cluster at the prompt.</summary>
internal static class WorkerStatus
{
    public static void Print(string cluster, IReadOnlyList<RolledWorker> workers)
    {
        var answering = workers.Where(w => w.Figures is not null).ToList();
        int threads = answering.Sum(w => w.Figures!.Threads), queued = answering.Sum(w => w.Figures!.Queued);
        Console.WriteLine(workers.Count == 0
            ? $"cluster {cluster}: no worker. Start one with 'haq worker' and the same settings."
            : answering.Count == 0 ? $"cluster {cluster}: no worker that is named there answers."
            : string.Create(Tables.Culture, $"cluster {cluster}: {Count(answering.Count, "worker")}, {Count(threads, "thread")}, {Count(queued, "piece")} of work waiting"));
        if (answering.Count > 0) PrintTable(answering);
        foreach (var silent in workers.Where(w => w.Figures is null)) Console.WriteLine($"{silent.Address}: {silent.Problem}");
    }

    public static void WriteJson(string cluster, IReadOnlyList<RolledWorker> workers) => JsonOutput.Write(writer => WorkerRollJson.Write(writer, cluster, workers));

    private static void PrintTable(List<RolledWorker> workers)
    {
        var table = Tables.New("worker", "address", "version", "threads", "queue", "running", "batches", "busy", "clients", "memory", "up").AlignRight(3, 10);
        foreach (var (worker, f) in workers.Select(w => (w, w.Figures!)))
        {
            table.AddText(
                f.Name, worker.Address, f.Worker.Version, Text(f.Threads), Text(f.Queued), Text(f.Running), f.IsLeaving ? "leaving" : Text(f.Batches),
                (100 * f.Busy).ToString("0", Tables.Culture) + " %", Text(f.Clients), Figure.Bytes(f.Memory), Lasting(f.UpSeconds));
        }
        table.Print();
        Console.WriteLine("queue: pieces of work that wait for a thread · running: that have one · busy: share of the threads' time that was work, over the last minute");
        foreach (var machines in workers.GroupBy(w => w.Figures!.Worker.Class).OrderByDescending(g => g.Count()))
            Console.WriteLine($"class of {(machines.Count() == workers.Count ? "all" : string.Join(", ", machines.Select(w => w.Figures!.Name)))}: {machines.Key}");
    }

    private static string Lasting(double seconds) => seconds switch
    {
        < 120 => seconds.ToString("0", Tables.Culture) + " s",
        < 7200 => (seconds / 60).ToString("0", Tables.Culture) + " min",
        < 172800 => (seconds / 3600).ToString("0", Tables.Culture) + " h",
        _ => (seconds / 86400).ToString("0", Tables.Culture) + " days",
    };

    private static string Text(long value) => value.ToString(Tables.Culture);

    private static string Count(int count, string what) => string.Create(Tables.Culture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
