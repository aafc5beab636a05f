namespace Haq.Engine.Evaluation;

/// <summary>How networks are evaluated on a data set.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The output to look at, or first; null for the first.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// The other outputs of real numbers count as well: the loss is, by sample, the root mean square of all outputs' noise, each relative to its own power (for a classifier its divergence, and
    /// the others' noise besides), and the cosine is the worst output's.
    /// </summary>
    public bool EveryOutput { get; init; }

    /// <summary>What the loss of several outputs is made of.</summary>
    public JoinedLoss Joined { get; init; }

    /// <summary>What it means; null to tell from its shape and values: [N, classes ≥ 2] is a classifier.</summary>
    public OutputKind? Kind { get; init; }

    /// <summary>Samples per run; null chooses by their size. Part of what makes results repeatable.</summary>
    public int? Batch { get; init; }

    /// <summary>Runs at the same time, each on one thread; results do not depend on it. Null for one per core.</summary>
    public int? Workers { get; init; }

    /// <summary>How many bytes of samples are kept in memory between evaluations.</summary>
    public long SampleMemory { get; init; } = 16L << 20;

    /// <summary>How many bytes of those that do not fit there are kept in a temporary file; what does not fit there either is read again each time.</summary>
    public long SampleFile { get; init; } = 1L << 30;

    /// <summary>How many bytes of the float model's outputs are kept in memory.</summary>
    public long ReferenceMemory { get; init; } = 16L << 20;

    /// <summary>How many bytes of those that do not fit there are kept in a temporary file; what does not fit there either is computed again each time.</summary>
    public long ReferenceFile { get; init; } = 1L << 30;

    /// <summary>How many bytes of what the first layers make are kept, for policies that differ in later layers only; 0 computes every network whole. Results do not depend on it.</summary>
    public long PrefixMemory { get; init; } = 200L << 20;
}
