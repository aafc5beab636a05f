using Haq.Engine.Onnx;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>A part of a network that one tensor enters and one leaves.</summary>
/// <param name="Input">The tensor that enters.</param>
/// <param name="Output">The tensor that leaves.</param>
/// <param name="Layers">Its layers, in execution order.</param>
internal sealed record NetworkBlock(string Input, string Output, IReadOnlyList<FoundLayer> Layers);
