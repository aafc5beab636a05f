using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>
/// Runs the model as it was read and the exported file in stock sessions on samples that no choice was made on. What the search foretold is the
/// difference that quantization makes; any other comes from
/// preparing the model, which is a fault and ends the build with the pass that did it, or from what ONNX Runtime's default session makes of the
/// file: then it is not written, unless the manifest takes it.
/// </summary>
internal sealed class OriginalCheck
{
    /// <summary>One ruined sample in twenty is among 64 of them 96 times in a hundred.</summary>
    private const int MostSamples = 64, SamplesOfLarge = 8, SamplesOfHuge = 2;

    /// <summary>Samples that are run as written before all are.</summary>
    private const int WorstSamples = 4;

    /// <summary>Noise over signal, in power, below which nothing needs an explanation (40 dB), and above which preparation is at fault (30 dB: float32 rounding is 60 dB and more away).</summary>
    private const double Unremarkable = 1e-4, Faulty = 1e-3;

    /// <summary>Noise that the model's own rounding makes may be so many times as large in another order of computation.</summary>
    private const double Chaos = 10;

    /// <summary>
    /// How much more noise than quantization's own a default session may add. Merged operators round their results once where the file says to
    /// round, to the same grid: that is at most one more rounding
    /// of the same power, so twice the noise, and twice again between the worst samples of two runs.
    /// </summary>
    private const double MostSurprise = 4;

    private readonly OnnxModel _original;
    private readonly IDataset _data;
    private readonly bool _elsewhere;
    private readonly int _samples;
    private readonly CancellationToken _cancellation;
    private readonly OutputRecord _expected;
    private readonly OutputRecord? _delivered;

    /// <summary>A check against <paramref name="original"/> on the first samples of <paramref name="data"/>.</summary>
    /// <param name="original">The model as it was read.</param>
    /// <param name="data">The samples.</param>
    /// <param name="elsewhere">The exported file is for another toolchain's hardware.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="exported">What is compared first: it runs beside the original where both are not large.</param>
    public OriginalCheck(OnnxModel original, IDataset data, bool elsewhere, CancellationToken cancellation, OnnxModel? exported = null)
    {
        (_original, _data, _elsewhere, _cancellation) = (original, data, elsewhere, cancellation);
        _samples = Math.Min(original.IsHuge ? SamplesOfHuge : original.IsLarge ? SamplesOfLarge : MostSamples, data.Count);
        if (exported is null || original.IsLarge)
        {
            _expected = Record(original);
        }
        else
        {
            var records = OutputRecord.SideBySide([original, exported], PlainSession.For(original, elsewhere), data, [.. Enumerable.Range(0, _samples)], cancellation);
            (_expected, _delivered) = (records[0], records[1]);
        }
        _samples = Math.Min(_samples, _expected.Samples);
    }

    /// <summary>Compares a build's result with what it was made of; gives the outputs of both.</summary>
    /// <exception cref="HaqException">Preparing the model changed what it computes (HAQ0313).</exception>
    public static (OutputRecord Original, OutputRecord Exported) Run(ReportInputs inputs, MeasuredInputs measured, QuantizedModel quantized, OnnxModel exported, StageScope scope)
    {
        scope.Report("comparing the file with the model as it was read");
        var check = new OriginalCheck(inputs.Source.Value, measured.Reported.Value, inputs.Task.Model.Value.Form is not null, scope.Cancellation, exported);
        var delivered = check._delivered ?? check.Record(exported);
        var outputs = (check._expected, delivered);
        if (check._expected.NoiseOf(delivered).Power <= Unremarkable) return outputs;
        var passes = PreparationPasses.For(measured.Preparation.Options());
        if (check.Fault(quantized.Model, passes, quantized.Model == inputs.Task.Model.Value.Float ? "the passes together" : "evening out channels") is { } fault) throw fault;
        if (inputs.Manifest.Format != ExportFormat.Qdq || check.Surprise(exported, delivered, inputs.Manifest.Gate) is not { } surprise) return outputs;
        if (!surprise.Descriptor.IsWarning) throw new HaqException(surprise);
        scope.Warn(surprise);
        return outputs;
    }

    /// <summary>The error where <paramref name="prepared"/> computes something else than the original.</summary>
    /// <param name="prepared">The original after all passes, and after channels were evened out.</param>
    /// <param name="passes">What made it of the original, in order.</param>
    /// <param name="otherwise">What did it where no pass alone does.</param>
    public HaqException? Fault(OnnxModel prepared, IEnumerable<GraphPass> passes, string otherwise)
    {
        if (FaultOf(prepared) is not { } fault) return null;
        return DiagnosticCatalog.PreparationChanged.Error(_original.Name, string.Create(CultureInfo.InvariantCulture,
            $"preparing the model for quantization ({Culprit(passes) ?? otherwise}) changed what it computes: output '{fault.Output}' has {fault.Decibels:F1} dB of signal to noise against the model as it was read. "
            + $"That is a fault of this tool, not of the model: nothing was written. Please report it with the model; "
            + $"'quantization: {{fold-batch-norm: false, smooth: false, equalize: false}}' leaves out the passes that can be."));
    }

    /// <summary>
    /// What is said where a default session computes something else than <paramref name="exported"/> says: an error, or a warning where the manifest
    /// accepts it; null where there is nothing to say.
    /// </summary>
    public Diagnostic? Surprise(OnnxModel exported, GateMode gate) => Surprise(exported, Record(exported), gate);

    /// <summary>The output in which a prepared model differs from the original by more than rounding explains; null where there is none.</summary>
    public OutputNoise? FaultOf(OnnxModel prepared)
    {
        var noise = _expected.NoiseOf(Record(prepared));
        if (noise.Power <= Faulty) return null;
        // Without ONNX Runtime's optimizations: what these make of one of the two is no fault of preparation. A layer in float whose bias preparation has folded, they quantize.
        OutputRecord Plain(OnnxModel model) => OutputRecord.Of(
            model, PlainSession.For(_original) with { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL }, _data, _samples, _cancellation);
        var plain = Plain(_original);
        if (plain.NoiseOf(Plain(prepared)).Power <= Faulty) return null;
        // A network may magnify its own rounding: the original with and without optimizations tells by how much.
        return noise.Power > Chaos * _expected.NoiseOf(plain).Power ? noise : null;
    }

    /// <summary>The label of the first pass after which the model computes something else; null where no one alone does.</summary>
    private string? Culprit(IEnumerable<GraphPass> passes)
    {
        var model = _original;
        foreach (var pass in passes)
        {
            var result = pass.Apply(model);
            model = result.Model;
            if (result.Changed && FaultOf(model) is not null) return pass.Label;
        }
        return null;
    }

    private Diagnostic? Surprise(OnnxModel exported, OutputRecord delivered, GateMode gate)
    {
        var found = _expected.NoiseOf(delivered);
        if (found.Power <= Faulty || IsForetoldByWorst(exported, delivered, found)) return null;
        var foretold = _expected.NoiseOf(AsWritten(exported, [.. Enumerable.Range(0, _samples)]));
        if (found.Power <= MostSurprise * foretold.Power) return null;
        string figures = string.Create(CultureInfo.InvariantCulture,
            $"in a default session of ONNX Runtime on this machine output '{found.Output}' of the exported file has {found.Decibels:F1} dB of signal to noise; computed as written, as the search did, it has {foretold.Decibels:F1} dB");
        return gate == GateMode.Warning
            ? DiagnosticCatalog.DefaultSessionAccepted.At(new SourceLocation(_original.Name), $"{figures}. The report's figures are the default session's; 'gate: warning' accepts them.")
            : DiagnosticCatalog.DefaultSessionDiffers.At(new SourceLocation(_original.Name), $"{figures}: nothing was written. 'quantization: {{junctions: float}}' leaves less to merge; "
                + "'skip' for the layers before that output leaves them alone; 'gate: warning' accepts the file, for users who set 'session.disable_quant_qdq' to 1, or run it elsewhere.");
    }

    /// <summary>
    /// Computed as written, the samples that came out worst explain what was found. The worst of a few is no better than the worst of all, so that most files need not run as written on all: without
    /// merged operators that takes longest.
    /// </summary>
    private bool IsForetoldByWorst(OnnxModel exported, OutputRecord delivered, OutputNoise found)
    {
        int[] worst = _expected.WorstSamples(delivered, found.Output, WorstSamples);
        return worst.Length > 0 && found.Power <= MostSurprise * _expected.LeastNoiseOf(AsWritten(exported, worst), worst);
    }

    private OutputRecord AsWritten(OnnxModel exported, int[] samples) => OutputRecord.Of(exported, ExactSessions.Settings, _data, samples, _cancellation);

    private OutputRecord Record(OnnxModel model) => OutputRecord.Of(model, PlainSession.For(_original, _elsewhere), _data, _samples, _cancellation);
}
