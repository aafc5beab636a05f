namespace Haq.Engine.Onnx;

/// <summary>A node that multiplies and accumulates (or otherwise would be worth quantizing) but stays as it is.</summary>
/// <param name="Name">The node's unique name; nodes inside bodies are named <c>outer/inner</c>.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Reason">Why, as half a sentence.</param>
/// <param name="IsQuantized">It computes with quantized numbers already.</param>
public sealed record SkippedNode(string Name, string Op, string Reason, bool IsQuantized = false);
