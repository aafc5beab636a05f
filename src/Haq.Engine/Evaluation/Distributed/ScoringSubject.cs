using System.Collections.Immutable;

namespace Haq.Engine.Evaluation.Distributed;

/// <summary>What policies are scored on, as far as whoever asks has to know it.</summary>
/// <param name="Digest">SHA-256, as 64 lower-case hexadecimal digits, of all that scores depend on but the policy.</param>
/// <param name="FloatSamples">The float model's score of every sample. Answers about other samples are told by them.</param>
/// <param name="Rows">Samples of every batch but the last.</param>
/// <param name="Kind">What the output means.</param>
/// <param name="Summarize">The score that the samples give together.</param>
public sealed record ScoringSubject(string Digest, ImmutableArray<SampleScore> FloatSamples, int Rows, OutputKind Kind, Func<SampleScore[], PolicyScore> Summarize)
{
    /// <summary>The float model's score.</summary>
    public PolicyScore Float { get; } = Summarize([.. FloatSamples]);

    /// <summary>Number of samples.</summary>
    public int Samples => FloatSamples.Length;

    /// <summary>Number of batches.</summary>
    public int Batches => (Samples + Rows - 1) / Rows;

    /// <summary>A set that this process has too.</summary>
    public static ScoringSubject Of(string digest, EvaluationSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new ScoringSubject(digest, set.FloatSamples, set.Rows, set.Kind, samples => set.Summarize(samples));
    }

    /// <summary>The number of a batch's first sample.</summary>
    internal int FirstOf(int batch) => batch * Rows;

    /// <summary>How many samples a batch has.</summary>
    internal int CountOf(int batch) => Math.Min(Rows, Samples - FirstOf(batch));
}
