using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>A network whose blocks were reconstructed.</summary>
/// <param name="Model">The network.</param>
/// <param name="Blocks">The blocks that were tried, in order.</param>
/// <param name="Warnings">Blocks that could not be, and why.</param>
public sealed record ReconstructionResult(QuantizedModel Model, ImmutableArray<ReconstructedBlock> Blocks, ImmutableArray<Diagnostic> Warnings);
