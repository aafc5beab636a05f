using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>What is scored by itself: one width of a layer's weights, or of the activations of a group.</summary>
/// <param name="Layer">The layer, or the group's first.</param>
/// <param name="IsWeights">The weights, not the activations.</param>
/// <param name="Width">The width.</param>
internal readonly record struct WidthScore(int Layer, bool IsWeights, Bitwidth Width);
