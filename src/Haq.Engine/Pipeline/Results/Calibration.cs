using System.Collections.Immutable;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What was seen of the activations.</summary>
/// <param name="Smoothed">The tensors whose channels are evened out.</param>
/// <param name="Table">Histograms, and the choices of ranges where those were measured.</param>
internal sealed record Calibration(ImmutableArray<SmoothedTensor> Smoothed, CalibrationTable Table);
