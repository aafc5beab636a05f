using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>A tensor whose channels are evened out where layers read it: (x − offset[c]) / factor[c].</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Factors">What its channels are divided by, 0 &lt; s ≤ 1.</param>
/// <param name="Offsets">What is subtracted from them first; empty for nothing.</param>
public sealed record SmoothedTensor(string Tensor, ImmutableArray<float> Factors, ImmutableArray<float> Offsets);
