using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>A network whose layers are looked at, and what its subject's policies mean.</summary>
/// <param name="Whole">The network.</param>
/// <param name="IsOfVariants">A policy names layers of it that are in floating point; otherwise the numbers are the quantizer's, and the graph is the network's.</param>
internal sealed record NetworkSource(QuantizedModel Whole, bool IsOfVariants);
