using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.Stages.Preparing;

/// <param name="Source">The model as it was read.</param>
/// <param name="Preparation">How it is made ready.</param>
/// <param name="Name">What progress calls it; null to be silent.</param>
internal sealed record PrepareInputs(Handle<OnnxModel> Source, Preparation Preparation, [property: NoInfluence("for people")] string? Name);

/// <summary>Makes the model ready to be quantized.</summary>
internal sealed class PrepareStage : Stage<PrepareInputs, QuantizableModel>
{
    public override string Name => "read";

    public override QuantizableModel Run(PrepareInputs inputs, StageScope scope)
    {
        if (inputs.Name is { } name) scope.Report($"reading {name}");
        return QuantizableModel.Prepare(inputs.Source.Value, inputs.Preparation.Options());
    }
}
