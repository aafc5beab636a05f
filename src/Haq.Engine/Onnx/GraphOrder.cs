using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Orders nodes so that each follows those whose results it reads (Kahn's algorithm; among the ready ones, the first in the file goes first).</summary>
internal static class GraphOrder
{
    /// <exception cref="HaqException">The graph has a cycle (HAQ0305).</exception>
    public static ImmutableArray<NodeProto> Sort(GraphView view, Dictionary<string, NodeProto> producers)
    {
        var nodes = view.Graph.Node;
        var position = new Dictionary<NodeProto, int>(nodes.Count, ReferenceEqualityComparer.Instance);
        for (int i = 0; i < nodes.Count; i++) position[nodes[i]] = i;
        int[] waiting = new int[nodes.Count];
        var readers = new List<int>[nodes.Count];
        bool sorted = true;
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string tensor in GraphView.InputsOf(nodes[i]))
            {
                if (!producers.TryGetValue(tensor, out var producer)) continue;
                int from = position[producer];
                sorted &= from < i;
                (readers[from] ??= []).Add(i);
                waiting[i]++;
            }
        }
        if (sorted) return [.. nodes];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Count; i++) if (waiting[i] == 0) ready.Enqueue(i, i);
        var order = ImmutableArray.CreateBuilder<NodeProto>(nodes.Count);
        while (ready.TryDequeue(out int next, out _))
        {
            order.Add(nodes[next]);
            foreach (int reader in readers[next] ?? []) if (--waiting[reader] == 0) ready.Enqueue(reader, reader);
        }
        if (order.Count < nodes.Count)
        {
            int stuck = Array.FindIndex(waiting, w => w > 0);
            throw view.Invalid($"node '{view.NameOf(nodes[stuck])}' is part of a cycle, or reads one");
        }
        return order.MoveToImmutable();
    }
}
