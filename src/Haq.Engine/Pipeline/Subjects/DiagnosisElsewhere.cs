using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Subjects;

/// <param name="Workers">Who scores.</param>
/// <param name="Subject">All that scores on the samples depend on.</param>
/// <param name="Threads">How many pieces of work this process does at a time, where it has to.</param>
internal sealed record DiagnosisElsewhere(IScoringPools Workers, Func<SubjectSource> Subject, int Threads);

/// <summary>Measures a network that is diagnosed on workers elsewhere, as far as these can be told what it is; otherwise in this process, with the same figures.</summary>
internal sealed class DiagnosisPool : IDisposable
{
    private readonly List<IDisposable> _parts = [];

    private DiagnosisPool(DamageMeasurements measurements) => Measurements = measurements;

    private DiagnosisPool(
        DiagnosisElsewhere elsewhere, PostTrainingQuantizer quantizer, QuantizedModel whole, EvaluationSet set, Action<string> report, CancellationToken cancellation)
    {
        var shared = new SharedSchedule(elsewhere.Workers, elsewhere.Threads, report);
        Measurements = new DamageMeasurements(On(isOfVariants: true), On(isOfVariants: false));
        _parts.Add(shared);

        IPolicyEvaluator On(bool isOfVariants)
        {
            var open = isOfVariants ? DamageMeasurements.OpenVariants(whole, set) : DamageMeasurements.OpenProbes(quantizer, whole, set);
            var evaluator = new PooledEvaluator(
                shared, () => elsewhere.Subject() with { Network = new NetworkSource(whole, isOfVariants) }, set,
                digest => new LocalPool(digest, set, elsewhere.Threads, open, LocalPool.WeightBytes(quantizer)), report, cancellation);
            _parts.Add(evaluator);
            return evaluator;
        }
    }

    /// <summary>What measures.</summary>
    public DamageMeasurements Measurements { get; }

    /// <summary>Workers are asked for at the first measurement.</summary>
    /// <param name="elsewhere">Where to measure; null for this process.</param>
    /// <param name="quantizer">What gives policies their numbers.</param>
    /// <param name="whole">The network.</param>
    /// <param name="set">What the loss is measured on; stays the caller's.</param>
    /// <param name="report">Told of workers that come and go.</param>
    /// <param name="cancellation">Ends it.</param>
    public static DiagnosisPool Open(
        DiagnosisElsewhere? elsewhere, PostTrainingQuantizer quantizer, QuantizedModel whole, EvaluationSet set, Action<string> report, CancellationToken cancellation) =>
        elsewhere is null || !NetworkNumbers.Tell(quantizer, whole) ? new DiagnosisPool(DamageMeasurements.Here(quantizer, whole, set))
            : new DiagnosisPool(elsewhere, quantizer, whole, set, report, cancellation);

    public void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
    }
}
