using System.Collections.Concurrent;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>Remembers scores by policy: searches propose the same policy again and again.</summary>
public sealed class EvaluationMemo : IForesightedEvaluator
{
    private readonly IPolicyEvaluator _inner;
    private readonly ConcurrentDictionary<Policy, PolicyScore> _scores = new();
    private readonly ConcurrentDictionary<(Policy Policy, Policy Rival), PolicyScore> _races = new();
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

    /// <inheritdoc/>
    /// <remarks>Each pair is remembered by itself: a race that ended early says nothing about another rival, and a full score nothing about where a race would have ended.</remarks>
    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (_inner is not IRacingEvaluator racing) return Evaluate(policy, cancellation);
        if (_races.TryGetValue((policy, rival), out var known))
        {
            Interlocked.Increment(ref _hits);
            return known;
        }
        var score = racing.Evaluate(policy, rival, cancellation);
        _races[(policy, rival)] = score;
        if (!score.StoppedEarly) _scores[policy] = score;
        return score;
    }

    /// <inheritdoc/>
    public bool HasForesight => _inner is IForesightedEvaluator { HasForesight: true };

    /// <inheritdoc/>
    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        if (_inner is IForesightedEvaluator foresighted)
            foresighted.Announce([.. requests.Where(r => r.Rival is { } rival ? !_races.ContainsKey((r.Policy, rival)) : !_scores.ContainsKey(r.Policy))]);
    }
}
