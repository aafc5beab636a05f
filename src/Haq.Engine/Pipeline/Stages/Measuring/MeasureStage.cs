using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <param name="Quantizer">What gives every policy its numbers.</param>
/// <param name="Set">The search set.</param>
/// <param name="Part">The part of it that probes of a large network are measured on.</param>
/// <param name="Effort">What the network's size allows.</param>
internal sealed record MeasureInputs(Handle<PostTrainingQuantizer> Quantizer, Handle<EvaluationSet> Set, Handle<EvaluationSet> Part, SearchEffort Effort);

/// <summary>What a search measures with: the search set for candidates, a part of it for probes where the network is large.</summary>
internal sealed class MeasureStage : Stage<MeasureInputs, Measurements>
{
    public override string Name => "measure";

    public override Measurements Run(MeasureInputs inputs, StageScope scope)
    {
        var sets = new List<EvaluationSet>();
        var journals = new List<IDisposable>();
        var candidates = On(inputs.Set);
        return new Measurements(candidates, inputs.Set.Value.Count > inputs.Effort.ProbeSamples ? On(inputs.Part) : null, sets, journals);

        IPolicyEvaluator On(Handle<EvaluationSet> set)
        {
            sets.Insert(0, set.Value);
            var (evaluator, journal) = Journals.Durable(scope, new MeasuredEvaluator(inputs.Quantizer.Value, set.Value, integers: true), new Subject(inputs.Quantizer, set));
            if (journal is not null) journals.Add(journal);
            return evaluator;
        }
    }

    private sealed record Subject(Handle<PostTrainingQuantizer> Quantizer, Handle<EvaluationSet> Set);
}
