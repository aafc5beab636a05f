using Haq.Engine.Evaluation;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Stages.Evaluating;

/// <param name="Source">The float network, as it was read.</param>
internal sealed record FloatInputs(Handle<OnnxModel> Source);

/// <summary>The float network as all others are compared with it, in one session for all stages.</summary>
internal sealed class FloatStage : Stage<FloatInputs, FloatNetwork>
{
    public override string Name => "evaluate";

    public override FloatNetwork Run(FloatInputs inputs, StageScope scope) => new(inputs.Source.Value);
}
