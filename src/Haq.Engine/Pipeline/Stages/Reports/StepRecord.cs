using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Training.Reconstruction;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>
/// Measures what every step of post-training quantization gains under a policy: from the plainest quantization (nothing folded, one scale per tensor, ranges from the extremes, nearest rounding) the
/// manifest's steps are switched on one after the other.
/// </summary>
internal sealed class StepRecord
{
    /// <summary>What stands beside a step that the time was over for.</summary>
    public const string NotMeasured = "not measured";

    // What the first step takes, in networks that are quantized and measured.
    private const double Beginning = 4;

    private const string Gains = "what each step of quantization gains";

    private readonly StepInputs _inputs;
    private readonly Policy _policy;
    private readonly EvaluationSet _set;
    private readonly MeasuringTime _time;
    private readonly TimeSpan? _took;
    private readonly LeftOut _left;
    private readonly Action<string> _report;
    private readonly CancellationToken _cancellation;
    private readonly List<QuantizationStep> _steps = [];
    private SampleScore[] _last = [];

    private StepRecord(StepInputs inputs, Policy policy, EvaluationSet set, MeasuringTime time, TimeSpan? took, LeftOut left, Action<string> report, CancellationToken cancellation) =>
        (_inputs, _policy, _set, _time, _took, _left, _report, _cancellation) = (inputs, policy, set, time, took, left, report, cancellation);

    /// <summary>The steps in order, the last one's network being <paramref name="final"/>; without figures from where on the time is over; none where the first would not end within it.</summary>
    public static ImmutableArray<QuantizationStep> Of(
        StepInputs inputs, Policy policy, QuantizedModel final, EvaluationSet set, MeasuringTime time, TimeSpan? took, LeftOut left, Action<string> report,
        CancellationToken cancellation) => new StepRecord(inputs, policy, set, time, took, left, report, cancellation).Run(final);

    private ImmutableArray<QuantizationStep> Run(QuantizedModel final)
    {
        var settings = _inputs.Settings;
        if (settings.Weights == WeightCoding.Kmeans) return [];
        // A network with its ranges before any step, measured before and after one.
        if (!_time.Admits(Beginning * _took))
        {
            _left.Add(Gains);
            return [];
        }
        var plain = WeightOptions.Plain with { PerChannel = false, Tables = settings.Embeddings };
        var quantizer = _inputs.Quantizer.Value;
        var (model, table) = (quantizer.Model, quantizer.Calibration);
        bool smooths = model.Smoothed.Count > 0, folds = settings.FoldBatchNorm && model.Folded.Count > 0, equalizes = settings.Equalize && model.Equalized.Count > 0;
        var (whole, wholeTable) = smooths ? Open(_inputs.Unsmoothed) : (model, table);
        var (folded, foldedTable) = equalizes ? Open(_inputs.Unequalized) : (whole, wholeTable);
        var (raw, rawTable) = folds ? Open(_inputs.Unfolded) : (folded, foldedTable);
        _last = Measure(raw, rawTable.With(RangeMethod.Max), plain);

        Step("batch-norm folding", settings.FoldBatchNorm, "fold-batch-norm", folds ? Count(model.Folded.Count, "node") : null, () => Measure(folded, foldedTable.With(RangeMethod.Max), plain));
        Step("cross-layer equalization", settings.Equalize, "equalize", equalizes ? Count(model.Equalized.Count, "pair") : null, () => Measure(whole, wholeTable.With(RangeMethod.Max), plain));
        var options = plain with { PerChannel = settings.PerChannel };
        Step("per-channel weights", settings.PerChannel, "per-channel", Count(model.Layers.Length, "layer"), () => Measure(whole, wholeTable.With(RangeMethod.Max), options));
        Step("activation smoothing", settings.Smooth && settings.PerChannel, "smooth", smooths ? Count(model.Smoothed.Count, "tensor") : null, () =>
            Measure(model, table.With(RangeMethod.Max), options));
        options = options with { Range = WeightRange.Mse };
        Step("ranges", true, "ranges", (settings.Ranges?.ToString().ToLowerInvariant() ?? "auto") + RangeDetail(table), () => Measure(model, table, options));
        int quantizable = model.Layers.Count(l => !table.MomentsOf(l.Name).IsEmpty && _policy[l.Layer.Index].Weights.IsQuantized());
        options = options with { CorrectBias = settings.BiasCorrection };
        Step("bias correction", settings.BiasCorrection, "bias-correction", Count(quantizable, "layer"), () => Measure(model, table, options));
        Step("second-order rounding", settings.Rounding != RoundingMethod.Nearest, "rounding", Count(quantizable, "layer"), () => Measure(quantizer));
        int rounded = final.Layers.Count(l => BlockReconstruction.Learns(l, new ReconstructionOptions()));
        Step("block reconstruction", settings.Rounding == RoundingMethod.Block, "rounding: block", rounded > 0 ? Count(rounded, "layer") : null, () => Measure(quantizer, final));
        if (_steps.Exists(s => s.Detail == NotMeasured)) _left.Add(Gains);
        return [.. _steps];
    }

    private void Step(string name, bool isOn, string key, string? detail, Func<SampleScore[]> measure)
    {
        if (!isOn || detail is null)
        {
            _steps.Add(new QuantizationStep(name, isOn ? "nothing to do" : $"off ({key})", null, null, null));
            return;
        }
        if (_time.IsOver)
        {
            _steps.Add(new QuantizationStep(name, NotMeasured, null, null, null));
            return;
        }
        _report($"measuring {name}");
        var after = measure();
        PairedDifference? gain = _set.HasTop1 ? PairedDifference.OfTop1(after, _last) : null;
        _steps.Add(new QuantizationStep(name, detail, _set.Summarize(_last), _set.Summarize(after), gain));
        _last = after;
    }

    private SampleScore[] Measure(QuantizableModel model, CalibrationTable table, WeightOptions options) => Measure(new PostTrainingQuantizer(model, table, options));

    private SampleScore[] Measure(PostTrainingQuantizer quantizer, QuantizedModel? quantized = null) =>
        new MeasuredEvaluator(quantizer, _set).Samples(quantized ?? quantizer.Quantize(_policy), _cancellation);

    // Another graph has other tensors: their ranges are measured too.
    private static (QuantizableModel Model, CalibrationTable Table) Open(StepVariant variant) => (variant.Model.Value, variant.Ranges.Value.Table);

    private static string RangeDetail(CalibrationTable table) =>
        table.Chosen == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {table.Chosen} of tensors and widths not by the squared error");

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
