using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training;

/// <summary>A fine-tuned network.</summary>
/// <param name="Model">The best epoch's network, or the one given where no epoch was better.</param>
/// <param name="Start">The network given, as the caller measured it.</param>
/// <param name="Best"><paramref name="Model"/>; its value is never below that of <paramref name="Start"/>.</param>
/// <param name="BestEpoch">The epoch that it is from; 0 is the start.</param>
/// <param name="Epochs">All epochs in order.</param>
/// <param name="Warnings">What the report should say: retries, parts that were not trained, a checkpoint that did not fit.</param>
public sealed record FineTuneResult(
    QuantizedModel Model, ValidationScore Start, ValidationScore Best, int BestEpoch, ImmutableArray<FineTuneEpoch> Epochs, ImmutableArray<Diagnostic> Warnings);
