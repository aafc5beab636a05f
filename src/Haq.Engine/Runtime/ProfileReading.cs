using System.Text.Json;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>Reads what ONNX Runtime's profiler writes: an event for each node and run.</summary>
internal static class ProfileReading
{
    private const string Suffix = "_kernel_time";

    /// <summary>The time of each node: the lower quartile of its runs. Nodes that the profile says nothing of are named.</summary>
    /// <param name="profile">The profiler's file.</param>
    /// <param name="graph">The graph that ran.</param>
    /// <param name="warmUp">Runs, from the first, that do not count.</param>
    /// <param name="runs">Runs that do.</param>
    public static NodeProfile Of(Stream profile, GraphProto graph, int warmUp, int runs)
    {
        var durations = Durations(profile);
        var nodes = new List<NodeTime>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var node in graph.Node)
        {
            if (node.OpType == OpNames.Constant || !seen.Add(node.Name)) continue;
            if (!durations.TryGetValue(node.Name, out var times) || times.Count <= warmUp)
            {
                missing.Add($"{node.OpType} '{node.Name}'");
                continue;
            }
            double[] sorted = [.. times.Skip(times.Count * warmUp / (warmUp + runs)).Order()];
            nodes.Add(new NodeTime(node.Name, node.OpType, sorted[sorted.Length / 4]));
        }
        return new NodeProfile([.. nodes], graph) { Missing = [.. missing] };
    }

    private static Dictionary<string, List<double>> Durations(Stream profile)
    {
        var durations = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(profile);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (!entry.TryGetProperty("cat", out var category) || category.GetString() != "Node") continue;
            if (entry.GetProperty("name").GetString() is not { } name || !name.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            string node = name[..^Suffix.Length];
            if (!durations.TryGetValue(node, out var list)) durations[node] = list = [];
            list.Add(entry.GetProperty("dur").GetDouble() * 1e-6);
        }
        return durations;
    }
}
