using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Stages.Quantizing;

/// <param name="Model">The network, before its channels are evened out.</param>
/// <param name="Calibration">What was seen of its activations.</param>
/// <param name="Samples">What was calibrated on, for widths that calibration did not choose ranges for.</param>
/// <param name="Widths">Those that it did choose for.</param>
/// <param name="Ranges">How ranges are found; null where calibration chose per tensor.</param>
/// <param name="Percentile">What ranges by percentile keep.</param>
/// <param name="Weights">How weights are quantized.</param>
internal sealed record QuantizerInputs(
    Handle<QuantizableModel> Model, Handle<Calibration> Calibration, [property: NoInfluence("calibration tells")] Handle<IDataset> Samples, [property: NoInfluence("calibration tells")] ImmutableArray<int> Widths,
    RangeMethod? Ranges, double Percentile, WeightOptions Weights);

/// <summary>What gives every layer its numbers under any policy.</summary>
internal sealed class QuantizerStage : Stage<QuantizerInputs, PostTrainingQuantizer>
{
    public override string Name => "quantize";

    public override PostTrainingQuantizer Run(QuantizerInputs inputs, StageScope scope)
    {
        var (smoothed, seen) = inputs.Calibration.Value;
        var model = ActivationSmoothing.Apply(inputs.Model.Value, smoothed);
        var usual = seen.With(RangeMethod.Mse);
        var table = inputs.Ranges is { } method
            ? seen.With(method, inputs.Percentile)
            : seen.Choosing(new LaterRanges(inputs.Widths, bits => RangeChooser.Choose(model, usual, inputs.Samples.Value, [bits], scope.Cancellation)));
        if (inputs.Model.Value.Form is { } form) table = table.InForm(form.Grid);
        return new PostTrainingQuantizer(model, table, inputs.Weights);
    }
}
