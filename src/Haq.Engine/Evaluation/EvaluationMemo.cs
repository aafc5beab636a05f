using System.Collections.Concurrent;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>Remembers scores by policy: searches propose the same policy again and again.</summary>
public sealed class EvaluationMemo : IPolicyEvaluator
{
    private readonly IPolicyEvaluator _inner;
    private readonly ConcurrentDictionary<Policy, PolicyScore> _scores = new();
    private int _hits;

    /// <summary>Asks <paramref name="inner"/> for what it does not know yet.</summary>
    public EvaluationMemo(IPolicyEvaluator inner) => _inner = inner;

    /// <inheritdoc/>
    public PolicyScore Float => _inner.Float;

    /// <summary>How many different policies it knows.</summary>
    public int Known => _scores.Count;

    /// <summary>How many questions it answered from memory.</summary>
    public int Hits => _hits;

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (_scores.TryGetValue(policy, out var known))
        {
            Interlocked.Increment(ref _hits);
            return known;
        }
        var score = _inner.Evaluate(policy, cancellation);
        _scores[policy] = score;
        return score;
    }
}
