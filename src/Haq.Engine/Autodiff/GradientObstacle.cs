namespace Haq.Engine.Autodiff;

/// <summary>A value that cannot be trained because a node between it and the loss has no gradient rule.</summary>
/// <param name="Value">Name of the value.</param>
/// <param name="Node">Name of the node, or of its first output when it has none.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Reason">Why it cannot be passed.</param>
public sealed record GradientObstacle(string Value, string Node, string Op, string Reason);
