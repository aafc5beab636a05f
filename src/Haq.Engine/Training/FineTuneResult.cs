using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training;

/// <summary>A fine-tuned network.</summary>
/// <param name="Model">The best epoch's network, or the one given where no epoch was better.</param>
/// <param name="StartScore">Score of the network given.</param>
/// <param name="BestScore">Score of <paramref name="Model"/>; never below <paramref name="StartScore"/>.</param>
/// <param name="BestEpoch">The epoch that it is from; 0 is the start.</param>
/// <param name="Epochs">All epochs in order.</param>
/// <param name="Warnings">What the report should say: retries, parts that were not trained, a checkpoint that did not fit.</param>
public sealed record FineTuneResult(
    QuantizedModel Model, double StartScore, double BestScore, int BestEpoch, ImmutableArray<FineTuneEpoch> Epochs, ImmutableArray<Diagnostic> Warnings);
