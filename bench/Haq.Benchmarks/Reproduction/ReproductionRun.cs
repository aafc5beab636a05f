using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Benchmarks.Reproduction;

/// <summary>
/// Runs HAQ's experiments on real networks, cell after cell: <c>haq RESULTS SHARED [MINUTES [TEXT]]</c>. Cells that RESULTS holds are not run again; no cell is begun after MINUTES; with TEXT only
/// cells whose names contain it. Ctrl-C ends a cell at once: its measurements are in the cache, and it goes on from there.
/// </summary>
internal static class ReproductionRun
{
    private const int Interrupted = 130;

    public static int Run(string results, string shared, double? minutes, string? only)
    {
        using var ending = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            ending.Cancel();
        };
        string folder = Directory.CreateTempSubdirectory("haq-reproduction-").FullName;
        var clock = Stopwatch.StartNew();
        var kept = new ResultFile(results);
        Cell[] left = [.. CellPlan.All.Where(c => kept.Of(c) is null && (only is null || c.ToString().Contains(only, StringComparison.Ordinal)))];
        Console.WriteLine($"{kept.All.Count} cells are known, {left.Length} are left");
        OpenedGroup? opened = null;
        int failed = 0;
        try
        {
            foreach (var cell in left)
            {
                if (clock.Elapsed.TotalMinutes > minutes) break;
                var began = clock.Elapsed;
                try
                {
                    if (opened?.Group != cell.Group)
                    {
                        opened?.Dispose();
                        opened = null;
                        opened = Open(cell.Group, shared, folder, ending.Token);
                    }
                    var result = opened.Run(cell, kept.All.Where(r => r.Cell.Contains($" {cell.Group.Network} ", StringComparison.Ordinal)));
                    kept.Add(result);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{cell}: {result.Relative:0.000}x, {result.Top1:0.00} % (float {result.FloatTop1:0.00} %), loss {result.Loss:0.0000}, {result.Evaluated} measured, {(clock.Elapsed - began).TotalSeconds:0} s"));
                }
                catch (HaqException e)
                {
                    failed++;
                    Console.WriteLine($"{cell}: {e.Diagnostic.Descriptor.Code}: {e.Message}");
                }
            }
            return failed == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Console.WriteLine("interrupted; the next run goes on here");
            return Interrupted;
        }
        finally
        {
            opened?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OpenedGroup Open(CellGroup group, string shared, string folder, CancellationToken cancellation)
    {
        if (group.Teacher is not { } teacher) return new OpenedGroup(group, shared, folder, agent: null, cancellation);
        string agent = Path.Combine(folder, "agent.bin");
        using (var lesson = new OpenedGroup(group with { Network = teacher, Teacher = null, Episodes = CellPlan.Episodes }, shared, folder, agent: null, cancellation))
            File.WriteAllBytes(agent, lesson.TrainedAgent());
        return new OpenedGroup(group, shared, folder, agent, cancellation);
    }
}
