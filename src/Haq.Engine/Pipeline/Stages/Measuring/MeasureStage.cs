using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <param name="Quantizer">What gives every policy its numbers.</param>
/// <param name="Set">The search set.</param>
/// <param name="Part">The part of it that probes of a large network are measured on.</param>
/// <param name="Effort">What the network's size allows.</param>
/// <param name="Elsewhere">Workers that score; null where this process does.</param>
internal sealed record MeasureInputs(
    Handle<PostTrainingQuantizer> Quantizer, Handle<EvaluationSet> Set, Handle<EvaluationSet> Part, SearchEffort Effort,
    [property: NoInfluence("scores are the same wherever they are computed")] ScoringElsewhere? Elsewhere);

/// <summary>What a search measures with: the search set for candidates, a part of it for probes where the network is large.</summary>
internal sealed class MeasureStage : Stage<MeasureInputs, Measurements>
{
    public override string Name => "measure";

    public override Measurements Run(MeasureInputs inputs, StageScope scope)
    {
        var sets = new List<EvaluationSet>();
        var journals = new List<IDisposable>();
        var shared = inputs.Elsewhere is { } elsewhere ? new SharedSchedule(elsewhere.Workers, elsewhere.Threads, text => scope.Report(text)) : null;
        if (shared is not null) journals.Add(shared);
        var candidates = On(inputs.Set, inputs.Elsewhere?.Whole);
        var probes = inputs.Set.Value.Count > inputs.Effort.ProbeSamples ? On(inputs.Part, inputs.Elsewhere?.Part) : null;
        return new Measurements(candidates, probes, sets, journals) { Workers = inputs.Elsewhere is { Workers: var workers } ? () => workers.Workers : null };

        IPolicyEvaluator On(Handle<EvaluationSet> set, Func<SubjectSource>? subject)
        {
            sets.Insert(0, set.Value);
            IPolicyEvaluator measured = new MeasuredEvaluator(inputs.Quantizer.Value, set.Value, integers: true);
            if (shared is not null)
            {
                var (quantizer, samples, threads) = (inputs.Quantizer.Value, set.Value, inputs.Elsewhere!.Threads);
                var pooled = new PooledEvaluator(
                    shared, subject!, samples, digest => new LocalPool(digest, quantizer, samples, threads), text => scope.Report(text), scope.Cancellation);
                journals.Add(pooled);
                measured = pooled;
            }
            var (evaluator, journal) = Journals.Durable(scope, measured, new Subject(inputs.Quantizer, set));
            if (journal is not null) journals.Add(journal);
            return evaluator;
        }
    }

    private sealed record Subject(Handle<PostTrainingQuantizer> Quantizer, Handle<EvaluationSet> Set);
}
