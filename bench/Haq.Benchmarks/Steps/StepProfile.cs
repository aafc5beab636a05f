using System.Globalization;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Benchmarks.Steps;

/// <summary>
/// Where a training step's time goes: per operator, forward and backward, and against what the machine allows at most. Run with
/// <c>… -- steps profile [words of the network's name] [threads]</c>.
/// </summary>
internal static class StepProfile
{
    private const int Worst = 12;

    public static void Run(string? only, int threads)
    {
        var limits = MachineLimits.Measure(threads);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"This machine, {limits.Threads} thread(s): {limits.GigaFlops:0} GFLOP/s in registers, {limits.GigaBytes:0} GB/s to and from memory."));
        Console.WriteLine("Shares above 100 % are of what was still in a cache.");
        foreach (var network in StepNetwork.Of(only))
        {
            using var step = network.Build(KernelSet.Custom, threads);
            if (step is TrainingNetwork training) Print(network.Name, training, limits);
        }
    }

    private static void Print(string name, TrainingNetwork network, MachineLimits limits)
    {
        var profile = network.Profile();
        var nodes = profile.Graph.Node.ToDictionary(n => n.Name, StringComparer.Ordinal);
        Row[] rows = [.. profile.Nodes.Select(t => RowOf(t, nodes[t.Name], network, limits))];
        double total = rows.Sum(r => r.Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n## {name}: {total * 1e3:0.0} ms in {rows.Length} nodes\n"));
        Console.WriteLine("| operator | whose | pass | nodes | ms | share | GFLOP/s | of the roofline |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var group in rows.GroupBy(r => (r.Operator, r.Ours, r.Pass)).OrderByDescending(g => g.Sum(r => r.Seconds)))
        {
            double seconds = group.Sum(r => r.Seconds), operations = group.Sum(r => r.Cost.Operations);
            if (seconds < total / 1000) continue;
            string rate = operations > 0 ? (operations / seconds / 1e9).ToString("0", CultureInfo.InvariantCulture) : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {group.Key.Operator} | {(group.Key.Ours ? "ours" : "runtime's")} | {group.Key.Pass} | {group.Count()} | {seconds * 1e3:0.00} | {seconds / total:0.0 %} | {rate} | {group.Sum(r => r.Least) / seconds:0 %} |"));
        }
        Console.WriteLine("\nFurthest from the roofline:\n\n| node | shapes | ms | lost ms |\n|---|---|---|---|");
        foreach (var row in rows.OrderByDescending(r => r.Seconds - r.Least).Take(Worst))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Operator}, {row.Pass} | {row.Shapes} | {row.Seconds * 1e3:0.00} | {(row.Seconds - row.Least) * 1e3:0.00} |"));
    }

    private static Row RowOf(NodeTime time, NodeProto node, TrainingNetwork network, MachineLimits limits)
    {
        var cost = NodeCost.Of(node, network.Find);
        string shapes = string.Join(" ", node.Input.Take(2).Concat(node.Output.Take(1)).Select(n => network.Find(n) is { } v ? "[" + string.Join(',', v.Shape) + "]" : "?"));
        var weight = node.OpType switch
        {
            "Conv" or "FusedConv" or "ConvTranspose" or "DenseConv" or "DenseConvInputGradient" => network.Find(node.Input[1]),
            "ConvWeightGradient" => network.Find(node.Output[0]),
            _ => null,
        };
        string op = weight is { Rank: 4 } ? $"{node.OpType} {weight.Shape[2]}x{weight.Shape[3]}" : node.OpType;
        return new Row(op, node.Domain == GraphBuilder.CustomDomain, network.PassOf(node), time.Seconds, limits.SecondsOf(cost.Operations, cost.Bytes), cost, shapes);
    }

    private sealed record Row(string Operator, bool Ours, string Pass, double Seconds, double Least, NodeCost Cost, string Shapes);
}
