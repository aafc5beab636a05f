using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>The least piece of work that is worth sending: some batches of one evaluation set under one policy.</summary>
/// <param name="Subject">SHA-256, as 64 lower-case hexadecimal digits, of all that scores depend on but the policy: network, calibration, samples, settings, kind of machine.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Batches">Numbers of the set's batches, in the order in which their scores are returned.</param>
public sealed record ScoringWork(string Subject, Policy Policy, ImmutableArray<int> Batches)
{
    /// <summary>What is wrong with an answer, as far as that can be told without doing the work again; null where nothing is. Whoever gave it is then not to be trusted.</summary>
    public Func<SampleScore[], string?> Problem { get; init; } = _ => null;
}
