using System.Collections.Immutable;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What was seen of the activations.</summary>
/// <param name="Smoothed">The tensors whose channels are evened out.</param>
/// <param name="Table">Histograms, and the choices of ranges where those were measured.</param>
internal sealed record Calibration(ImmutableArray<SmoothedTensor> Smoothed, CalibrationTable Table)
{
    /// <summary>What gives every layer its numbers under any policy.</summary>
    /// <param name="model">The network, before its channels are evened out.</param>
    /// <param name="ranges">How ranges are found; null where calibration chose per tensor.</param>
    /// <param name="percentile">What ranges by percentile keep.</param>
    /// <param name="weights">How weights are quantized.</param>
    public PostTrainingQuantizer QuantizerOf(QuantizableModel model, RangeMethod? ranges, double percentile, WeightOptions weights)
    {
        var table = ranges is { } method ? Table.With(method, percentile) : Table;
        if (model.Form is { } form) table = table.InForm(form.Grid);
        return new PostTrainingQuantizer(ActivationSmoothing.Apply(model, Smoothed), table, weights);
    }
}
