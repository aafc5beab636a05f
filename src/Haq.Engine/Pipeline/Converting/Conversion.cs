using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.QOperators;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Importing;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>Rewrites a quantized model, of whatever tool, in the dialect of another target: exactly where both have the same grids, and with the measured difference where they have not.</summary>
public static class Conversion
{
    private const int SamplesPerRun = 8;

    /// <summary>Converts a model.</summary>
    /// <param name="source">A model in QDQ form or of QLinear operators; not changed.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HaqException">
    /// The model is not in QDQ form, cannot be run, or has nothing to quantize (HAQ0321, HAQ0322, HAQ0310, HAQ0611, HAQ0308); the data does not fit it (HAQ0101 to HAQ0109).
    /// </exception>
    public static ConversionResult Run(OnnxModel source, ConversionOptions options, IProgress<PipelineProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        var form = DialectForm.Of(options.Profile);
        progress?.Report(new PipelineProgress("convert", $"reading {source.Name}"));
        var pairs = QOperatorForm.ToPairs(source);
        var network = ImportedNetwork.Read(pairs, grid => Stays(grid, form));
        RefuseCustomOperators(network.Reals, source.Name);
        var inputs = InputsOf(source);
        var model = QuantizableModel.Prepare(network.Reals, new PreparationOptions
        {
            InputShapes = options.Shapes, FoldBatchNorm = false, Simplify = [], Tables = false, Form = form,
            Opset = (int)Math.Max(QdqExporter.Opset, source.OpsetOf()),
        });
        using var data = Open(options, network, model, inputs);
        int samples = Math.Min(data.Count, options.Samples);
        var some = DatasetSplit.Choose(data, samples, new SeededRandom(options.Seed).Fork("samples"));
        var quantizer = new ImportedQuantizer(model, network, () =>
        {
            progress?.Report(new PipelineProgress("convert", $"calibrating on {samples} {(options.Data is null ? "random inputs" : "samples")}"));
            // The samples may be of any number at a time where the target's file takes one.
            return new Calibrator(model, new CalibrationOptions { Moments = false, Batch = form is { FixesShapes: true } ? 1 : SamplesPerRun }).Run(some, cancellation: cancellation);
        }, hasData: options.Data is not null);
        var exported = QdqExporter.Export(quantizer.Quantize());
        progress?.Report(new PipelineProgress("convert", $"running both models on {samples} {(options.Data is null ? "random inputs" : "samples")}"));
        var outputs = AgreementMeter.Measure(source, exported, some, samples, widens: false, cancellation);
        // That setting rewrites pairs; in ONNX Runtime 1.31 it leaves a QLinearConv of int8 with types that it has no kernel for.
        bool isInPairs = ReferenceEquals(pairs, source);
        ImmutableArray<OutputAgreement>? widened = !isInPairs || outputs.All(o => o.IsExact) ? null : AgreementMeter.Measure(source, exported, some, samples, widens: true, cancellation);
        if (widened is { } same && same.SequenceEqual(outputs)) widened = null;
        var (changed, kept) = GridChanges.Between(pairs, exported);
        ImmutableArray<string> guessed = options.Data is null ? [.. quantizer.Calibrated.Order(StringComparer.Ordinal)] : [];
        string name = options.Data is null ? $"random inputs (seed {options.Seed})" : data.Name;
        return new ConversionResult(exported, changed, kept, outputs, widened, samples, name, guessed, ConformanceCheck.Run(exported, options.Profile));
    }

    // Constants that are no layer's own: the target takes their grid.
    private static bool Stays(TensorGrid grid, DialectForm? form) => form is null
        || (grid is { IsPerTensor: true, Bits: 8 } && (!form.Grid.IsSymmetric || ImportedGrids.IsSymmetric(grid)) && (!form.Grid.PowerOfTwo || grid.ScaleNoPowerOfTwo() is null));

    private static void RefuseCustomOperators(OnnxModel model, string name)
    {
        var foreign = model.Graph.Node.FirstOrDefault(n => !OpNames.IsStandard(n.Domain) && n.Domain is not (OpNames.MicrosoftDomain or OpNames.MachineLearningDomain));
        if (foreign is null) return;
        throw DiagnosticCatalog.NotConvertible.Error(name,
            $"'{foreign.Name}' is a custom operator ({foreign.Domain}:{foreign.OpType}), which ONNX Runtime does not have, so that nothing can be calibrated or measured. "
            + "Replace it by standard operators, or convert the part of the model without it.");
    }

    // As callers see them: in a session of their own.
    private static ImmutableArray<TensorInfo> InputsOf(OnnxModel source)
    {
        using var session = new OrtSession(source, PlainSession.For(source));
        return session.Inputs;
    }

    private static IDataset Open(ConversionOptions options, ImportedNetwork network, QuantizableModel model, ImmutableArray<TensorInfo> inputs)
    {
        if (options.Data is { } data) return Dataset.Open(data, inputs, options.Inputs);
        ImmutableArray<TensorInfo> sized = [.. inputs.Select(i => new TensorInfo(i.Name, i.Type, [.. model.InputShapes.TryGetValue(i.Name, out long[]? shape) ? shape : [.. i.Shape]]))];
        return new SeededInputs(sized, name => network.Activations.GetValueOrDefault(name)?.Quantizer, options.Samples, options.Seed);
    }
}
