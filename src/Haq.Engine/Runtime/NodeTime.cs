namespace Haq.Engine.Runtime;

/// <summary>How long a node of the graph that ONNX Runtime made of a model takes: the median of its runs.</summary>
/// <param name="Name">The node's name in that graph.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Seconds">The median.</param>
public readonly record struct NodeTime(string Name, string Op, double Seconds);
