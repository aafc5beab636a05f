using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Stages.Evaluating;

/// <param name="Source">The float network, as it was read.</param>
/// <param name="Float">The same, in the session that all share.</param>
/// <param name="Data">The samples.</param>
/// <param name="Output">The output to look at; null for the main one.</param>
/// <param name="Counts">Which other outputs count.</param>
/// <param name="Workers">Runs at the same time.</param>
/// <param name="PrefixMemory">Bytes of what first layers make that are kept; null for the usual number.</param>
/// <param name="Check">Told of the set, to see whether network and data belong together.</param>
internal sealed record EvaluateInputs(
    Handle<OnnxModel> Source, [property: NoInfluence("it is the source")] Handle<FloatNetwork> Float, Handle<IDataset> Data, string? Output, OutputChoice Counts, [property: NoInfluence("every run uses one thread and the same batches")] int Workers,
    [property: NoInfluence("results do not depend on it")] long? PrefixMemory, [property: NoInfluence("it changes nothing")] Action<EvaluationSet, IDataset> Check);

/// <summary>Samples with the float network's outputs on them, to compare networks with.</summary>
internal sealed class EvaluateStage : Stage<EvaluateInputs, EvaluationSet>
{
    public override string Name => "evaluate";

    public override EvaluationSet Run(EvaluateInputs inputs, StageScope scope)
    {
        var options = new EvaluationOptions
        {
            Output = inputs.Output, EveryOutput = inputs.Counts.Every(inputs.Data.Value), Joined = inputs.Counts.Joined(), Workers = inputs.Workers,
        };
        if (inputs.PrefixMemory is { } bytes) options = options with { PrefixMemory = bytes };
        var set = new EvaluationSet(inputs.Float.Value, inputs.Data.Value, options, scope.Cancellation);
        try
        {
            inputs.Check(set, inputs.Data.Value);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }
}
