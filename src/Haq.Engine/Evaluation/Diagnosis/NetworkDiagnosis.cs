using System.Collections.Immutable;

namespace Haq.Engine.Evaluation.Diagnosis;

/// <summary>Which layers of a quantized network do the damage.</summary>
/// <param name="Float">The float network on the samples.</param>
/// <param name="Quantized">The quantized one; null where no layer's damage was measured.</param>
/// <param name="Layers">Every layer, the one that gives most back first.</param>
public sealed record NetworkDiagnosis(PolicyScore Float, PolicyScore? Quantized, ImmutableArray<LayerDiagnosis> Layers);
