namespace Haq.Engine.Onnx;

/// <summary>What one pass did to one model.</summary>
/// <param name="Label">The pass's label.</param>
/// <param name="Changed">It changed something.</param>
/// <param name="Nodes">Names of the nodes that it changed or took away, where it tells them.</param>
public sealed record AppliedPass(string Label, bool Changed, IReadOnlyList<string> Nodes);
