using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Parcels;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>
/// Measures on workers elsewhere. Nothing is packed before the first policy whose score no journal has, nor before a worker is there: until one comes, this process does the work by itself.
/// One caller at a time.
/// </summary>
internal sealed class PooledEvaluator : IForesightedEvaluator, IDisposable
{
    private const string Here = "here";

    private readonly SharedSchedule _shared;
    private readonly EvaluationSet _set;
    private readonly Lazy<(SubjectParcel Parcel, DistributedEvaluator Evaluator)> _there;
    private readonly Lazy<(IScoringPool Pool, DistributedEvaluator Evaluator)> _here;
    private IReadOnlyList<EvaluationRequest> _announced = [];

    /// <param name="shared">Who gives work out.</param>
    /// <param name="subject">All that scores depend on but the policy.</param>
    /// <param name="set">The samples, with the float network's outputs.</param>
    /// <param name="here">Scores in this process under the subject's digest, where nobody else does.</param>
    /// <param name="report">Told that it is packed.</param>
    /// <param name="cancellation">Ends packing.</param>
    public PooledEvaluator(
        SharedSchedule shared, Func<SubjectSource> subject, EvaluationSet set, Func<string, IScoringPool> here, Action<string> report, CancellationToken cancellation)
    {
        (_shared, _set) = (shared, set);
        _there = new(() =>
        {
            report("packing network and samples for the workers");
            var parcel = SubjectPacking.Pack(subject(), cancellation);
            shared.Pool.Add(parcel, () => here(parcel.Digest));
            return (parcel, new DistributedEvaluator(shared.Schedule, ScoringSubject.Of(parcel.Digest, set)));
        });
        _here = new(() =>
        {
            var pool = here(Here);
            return (pool, new DistributedEvaluator(pool, ScoringSubject.Of(Here, set)));
        });
    }

    public PolicyScore Float => _set.Float;

    public bool HasForesight => true;

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => Measuring(cancellation).Evaluate(policy, cancellation);

    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => Measuring(cancellation).Evaluate(policy, rival, cancellation);

    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        _announced = requests;
        if (_there.IsValueCreated || (requests.Count > 0 && _shared.HasWorkers)) There().Announce(requests);
        else if (_here.IsValueCreated) _here.Value.Evaluator.Announce(requests);
    }

    public void Dispose()
    {
        if (_there.IsValueCreated)
        {
            _there.Value.Evaluator.Dispose();
            _there.Value.Parcel.Dispose();
        }
        if (!_here.IsValueCreated) return;
        _here.Value.Evaluator.Dispose();
        _here.Value.Pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private DistributedEvaluator Measuring(CancellationToken cancellation)
    {
        if (_there.IsValueCreated || _shared.WaitForWorkers(cancellation)) return There();
        if (!_here.IsValueCreated) _here.Value.Evaluator.Announce(_announced);
        return _here.Value.Evaluator;
    }

    private DistributedEvaluator There()
    {
        if (_there.IsValueCreated) return _there.Value.Evaluator;
        if (_here.IsValueCreated) _here.Value.Evaluator.Announce([]);
        _there.Value.Evaluator.Announce(_announced);
        return _there.Value.Evaluator;
    }
}
