using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages.Quantizing;

/// <param name="Model">The network, before its channels are evened out.</param>
/// <param name="Calibration">What was seen of its activations.</param>
/// <param name="Ranges">How ranges are found; null where calibration chose per tensor.</param>
/// <param name="Percentile">What ranges by percentile keep.</param>
/// <param name="Weights">How weights are quantized.</param>
internal sealed record QuantizerInputs(Handle<QuantizableModel> Model, Handle<Calibration> Calibration, RangeMethod? Ranges, double Percentile, WeightOptions Weights);

/// <summary>What gives every layer its numbers under any policy.</summary>
internal sealed class QuantizerStage : Stage<QuantizerInputs, PostTrainingQuantizer>
{
    public override string Name => "quantize";

    public override PostTrainingQuantizer Run(QuantizerInputs inputs, StageScope scope) =>
        inputs.Calibration.Value.QuantizerOf(inputs.Model.Value, inputs.Ranges, inputs.Percentile, inputs.Weights);
}
