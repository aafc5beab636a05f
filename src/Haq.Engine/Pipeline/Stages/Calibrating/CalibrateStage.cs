using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;

namespace Haq.Engine.Pipeline.Stages.Calibrating;

/// <param name="Model">The network, before its channels are evened out.</param>
/// <param name="Data">The samples.</param>
/// <param name="Narrowest">The narrowest widths that each layer may get, by index, where channels are evened out; null where they are not.</param>
/// <param name="Percentile">What ranges by percentile keep, where the way is chosen per tensor; null where it is given, so that ranges follow from the histograms alone.</param>
/// <param name="Moments">Second moments are gathered too.</param>
internal sealed record CalibrateInputs(Handle<QuantizableModel> Model, Handle<IDataset> Data, ImmutableArray<LayerBits>? Narrowest, double? Percentile, bool Moments);

/// <summary>Measures the ranges of activations.</summary>
internal sealed class CalibrateStage : CachedStage<CalibrateInputs, Calibration>
{
    private const string FileName = "calibration.bin", SmoothingName = "smoothing.bin";

    public override string Name => "calibrate";

    public override int Version => StageVersions.Calibrate;

    public override Calibration Run(CalibrateInputs inputs, StageScope scope)
    {
        var (data, source) = (inputs.Data.Value, inputs.Model.Value);
        if (!inputs.Moments)
        {
            scope.Report("measuring ranges of the network as it was before the last steps");
            return new Calibration([], new Calibrator(source, new CalibrationOptions { Moments = false }).Run(data, null, scope.Cancellation));
        }
        var smoothed = inputs.Narrowest is { } narrowest ? ActivationSmoothing.Choose(source, data, layer => narrowest[layer], scope.Cancellation) : [];
        var model = ActivationSmoothing.Apply(source, smoothed);
        scope.Report($"measuring ranges on {data.Count} samples", 0);
        var progress = new Relay<int>(done => scope.Report($"measured {done} of {data.Count} samples", (double)done / data.Count));
        var table = new Calibrator(model).Run(data, progress, scope.Cancellation);
        if (inputs.Percentile is not { } percentile) return new Calibration(smoothed, table);
        scope.Report("choosing ranges by the layers that read them");
        return new Calibration(smoothed, table.With(RangeMethod.Mse, percentile, RangeChooser.Choose(model, table, data, scope.Cancellation)));
    }

    public override void Write(Calibration result, string folder)
    {
        using (var smoothing = File.Create(Path.Combine(folder, SmoothingName))) SmoothingFile.Write(result.Smoothed, smoothing);
        using var stream = File.Create(Path.Combine(folder, FileName));
        result.Table.Write(stream);
    }

    public override Calibration Read(CalibrateInputs inputs, string folder)
    {
        using var smoothing = File.OpenRead(Path.Combine(folder, SmoothingName));
        using var stream = File.OpenRead(Path.Combine(folder, FileName));
        return new Calibration(SmoothingFile.Read(smoothing), CalibrationTable.Read(stream));
    }
}
