using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Quantizing;

/// <param name="Quantizer">What gives the numbers.</param>
/// <param name="Policy">The bits of every layer.</param>
internal sealed record QuantizeInputs(Handle<PostTrainingQuantizer> Quantizer, Policy Policy);

/// <summary>The network under one policy.</summary>
internal sealed class QuantizeStage : Stage<QuantizeInputs, QuantizedModel>
{
    public override string Name => "quantize";

    public override QuantizedModel Run(QuantizeInputs inputs, StageScope scope) => inputs.Quantizer.Value.Quantize(inputs.Policy);
}
