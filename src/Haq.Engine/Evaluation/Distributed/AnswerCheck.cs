using System.Collections.Immutable;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>
/// Tells answers that cannot be those that were asked for. How good a policy is cannot be known beforehand; which samples it was scored on can, by the power of the float model's output.
/// </summary>
internal static class AnswerCheck
{
    /// <summary>What is wrong with the scores of these batches; null where nothing is.</summary>
    public static string? Problem(ScoringSubject subject, ImmutableArray<int> batches, SampleScore[]? scores)
    {
        int expected = batches.Sum(subject.CountOf);
        if (scores is null) return "no scores came back";
        if (scores.Length != expected) return $"{scores.Length} scores came back for {expected} samples";
        int at = 0;
        foreach (int batch in batches)
        {
            for (int i = 0; i < subject.CountOf(batch); i++, at++)
            {
                int sample = subject.FirstOf(batch) + i;
                if (Problem(scores[at], subject.FloatSamples[sample]) is { } problem) return $"the score of sample {sample} {problem}";
            }
        }
        return null;
    }

    private static string? Problem(in SampleScore score, in SampleScore original)
    {
        if (score.Divergence < 0 || score.Noise < 0 || score.Signal < 0) return "holds a negative measure";
        if (Math.Abs(score.Cosine) > 1 + 1e-6) return "holds a cosine beyond 1";
        // Where the float model's output is no number, a policy's may still be compared, and where either is empty it is not.
        if (!score.IsCompared || !original.IsCompared) return null;
        if (score.Cosines?.Length != original.Cosines?.Length) return $"compares {score.Cosines?.Length ?? 1} outputs, expected {original.Cosines?.Length ?? 1}";
        // Of several outputs those count that a policy left in their extents, which may be fewer.
        bool isSame = score.Cosines is not null || score.Signal.Equals(original.Signal);
        return isSame ? null : "belongs to another float output: the worker has other samples, another network, or a processor that sums in another order";
    }
}
