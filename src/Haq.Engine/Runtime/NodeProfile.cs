using System.Collections.Immutable;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>What ONNX Runtime's profiler saw.</summary>
/// <param name="Nodes">The nodes of the main graph with their times.</param>
/// <param name="Graph">The graph as ONNX Runtime rewrote it.</param>
public sealed record NodeProfile(ImmutableArray<NodeTime> Nodes, GraphProto Graph)
{
    /// <summary>Nodes that the profile says nothing of.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>All nodes one after the other.</summary>
    public double Seconds => Nodes.Sum(n => n.Seconds);
}
