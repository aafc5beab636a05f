namespace Haq.Engine.Runtime;

/// <summary>How long a node of the graph that ONNX Runtime made of a model takes: the lower quartile of its runs, so that what disturbs some of them does not count.</summary>
/// <param name="Name">The node's name in that graph.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Seconds">The lower quartile.</param>
public readonly record struct NodeTime(string Name, string Op, double Seconds);
