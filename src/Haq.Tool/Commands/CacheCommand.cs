using System.CommandLine;
using System.Globalization;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq cache info | prune | clear | status | upload</c></summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var command = new Command("cache", "The per-user cache of calibrations, searches and quantized models. Every entry can be made again; removing it costs only time.");
        command.Subcommands.Add(Info());
        command.Subcommands.Add(Prune());
        command.Subcommands.Add(Clear());
        command.Subcommands.Add(CacheServerCommand.Status());
        command.Subcommands.Add(CacheServerCommand.Upload());
        return command;
    }

    private static Command Info()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var info = new Command("info", "Where the cache is, and what it holds by stage.") { json };
        info.SetAction(parsed =>
        {
            var cache = new StageCache(StageCache.DefaultRoot);
            var stages = cache.Entries().GroupBy(e => e.Stage).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => (Stage: g.Key, Count: g.Count(), Bytes: g.Sum(e => e.Bytes))).ToList();
            if (parsed.GetValue(json)) PrintJson(cache.Root, stages);
            else PrintText(cache.Root, stages);
        });
        return info;
    }

    private static Command Prune()
    {
        var keep = new Option<double>("--keep") { Description = "How many gigabytes may stay.", DefaultValueFactory = _ => 2, HelpName = "GB" };
        var prune = new Command("prune", "Remove the least recently used entries until the cache is small enough.") { keep };
        prune.SetAction(parsed => Remove((long)(Math.Max(0, parsed.GetValue(keep)) * 1e9)));
        return prune;
    }

    private static Command Clear()
    {
        var clear = new Command("clear", "Remove every entry that is not in use.");
        clear.SetAction(_ => Remove(0));
        return clear;
    }

    private static void Remove(long keepBytes)
    {
        var removed = new StageCache(StageCache.DefaultRoot).Prune(keepBytes);
        Console.WriteLine($"removed {removed.Count} entries, {Megabytes(removed.Sum(e => e.Bytes))} MB");
    }

    private static void PrintText(string root, List<(string Stage, int Count, long Bytes)> stages)
    {
        Console.WriteLine(root);
        foreach (var (stage, count, bytes) in stages) Console.WriteLine($"  {stage,-12} {count,6} entries {Megabytes(bytes),10} MB");
        Console.WriteLine($"  {"total",-12} {stages.Sum(s => s.Count),6} entries {Megabytes(stages.Sum(s => s.Bytes)),10} MB");
    }

    private static void PrintJson(string root, List<(string Stage, int Count, long Bytes)> stages) => JsonOutput.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("root", root);
        writer.WriteStartArray("stages");
        foreach (var (stage, count, bytes) in stages)
        {
            writer.WriteStartObject();
            writer.WriteString("stage", stage);
            writer.WriteNumber("entries", count);
            writer.WriteNumber("bytes", bytes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
}
