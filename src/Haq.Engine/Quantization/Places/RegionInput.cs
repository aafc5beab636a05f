namespace Haq.Engine.Quantization.Places;

/// <summary>Where a unit reads a tensor.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Node">The node that reads it.</param>
/// <param name="Input">Through which of its inputs.</param>
public readonly record struct RegionInput(string Tensor, string Node, int Input);
