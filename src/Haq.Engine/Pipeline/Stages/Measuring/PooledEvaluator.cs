using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>Measures on workers elsewhere. Nothing is packed before the first policy whose score no journal has. One caller at a time.</summary>
internal sealed class PooledEvaluator : IForesightedEvaluator, IDisposable
{
    private readonly EvaluationSet _set;
    private readonly Lazy<(SubjectParcel Parcel, DistributedEvaluator Evaluator)> _parts;

    public PooledEvaluator(SharedSchedule shared, Func<SubjectSource> subject, PostTrainingQuantizer quantizer, EvaluationSet set, int threads, StageScope scope)
    {
        _set = set;
        _parts = new(() =>
        {
            scope.Report("packing network and samples for the workers");
            var parcel = SubjectPacking.Pack(subject(), scope.Cancellation);
            shared.Pool.Add(parcel, () => new LocalPool(parcel.Digest, quantizer, set, threads));
            return (parcel, new DistributedEvaluator(shared.Schedule, ScoringSubject.Of(parcel.Digest, set)));
        });
    }

    public PolicyScore Float => _set.Float;

    public bool HasForesight => true;

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => _parts.Value.Evaluator.Evaluate(policy, cancellation);

    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => _parts.Value.Evaluator.Evaluate(policy, rival, cancellation);

    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        if (requests.Count > 0 || _parts.IsValueCreated) _parts.Value.Evaluator.Announce(requests);
    }

    public void Dispose()
    {
        if (!_parts.IsValueCreated) return;
        _parts.Value.Evaluator.Dispose();
        _parts.Value.Parcel.Dispose();
    }
}
