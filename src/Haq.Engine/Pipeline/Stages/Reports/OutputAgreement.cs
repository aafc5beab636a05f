using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>
/// Looks at every output of a network that is quantized to 8 bits or more and should therefore hardly differ from float. Where one does, it finds out by measuring which layers have to stay in float, and
/// says so: a metric looks at one output, and a detector's scores can be lost while its boxes stay.
/// </summary>
internal sealed class OutputAgreement
{
    /// <summary>Below this cosine an output is far from float.</summary>
    private const double Close = 0.99;

    /// <summary>What layers in float have to bring it to, so that it is not far again once everything else is calibrated without them.</summary>
    private const double Comfortable = 0.994;

    private const int Samples = 8, SamplesOfCandidate = 3, MostLayers = 16, LeastBits = 8;

    /// <summary>How long layers are tried one by one; the best of those tried are named.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private readonly QuantizedModel _quantized;
    private readonly IDataset _data;
    private readonly string[] _outputs;
    private readonly float[][][] _expected;
    private readonly CancellationToken _cancellation;

    private OutputAgreement(OnnxModel original, QuantizedModel quantized, IDataset data, CancellationToken cancellation)
    {
        (_quantized, _data, _cancellation) = (quantized, data, cancellation);
        using var session = new OrtSession(original, EvaluationSet.Exact);
        _outputs = [.. session.Outputs.Where(o => o.Type == DataType.Float).Select(o => o.Name)];
        _expected = Run(session, Math.Min(Samples, data.Count));
    }

    /// <summary>Warns where an output is far from the float network's (HAQ1403).</summary>
    public static void Warn(
        OnnxModel original, QuantizableModel model, PostTrainingQuantizer quantizer, HardwareTarget target, QuantizedModel quantized, IDataset data, StageScope scope)
    {
        if (quantized.Layers.Any(l => l.Bits.Weights.Bits < LeastBits || l.Bits.Activations.Bits < LeastBits)) return;
        var agreement = new OutputAgreement(original, quantized, data, scope.Cancellation);
        if (agreement._outputs.Length == 0) return;
        var (output, cosine) = agreement.Worst(quantized, Samples);
        if (cosine >= Close) return;
        scope.Report($"looking for the layers that output '{output}' needs in float");
        double Cosine(QuantizedModel other, bool quick) => agreement.Worst(other, quick ? SamplesOfCandidate : Samples).Cosine;
        if (WiderTensors.Find(model, quantizer, target, quantized, Cosine, Close) is var (entry, wider))
        {
            scope.Warn(DiagnosticCatalog.OutputFarFromFloat.At(new SourceLocation(original.Name), string.Create(CultureInfo.InvariantCulture,
                $"output '{output}' agrees with the float model by a cosine of only {cosine:F3}. With 'layers: {{{entry}}}' the worst output has {wider:F3}: these tensors between layers do not fit 8 bits. "
                + $"'bits: {{activations: [8, 16]}}' lets the search find the cheapest.")));
            return;
        }
        if (model.Tensors.IsEmpty && agreement.JunctionAtFault() is var (tensor, without))
        {
            scope.Warn(DiagnosticCatalog.OutputFarFromFloat.At(new SourceLocation(original.Name), string.Create(CultureInfo.InvariantCulture,
                $"output '{output}' agrees with the float model by a cosine of only {cosine:F3}, because tensor '{tensor}' between layers does not fit an 8-bit grid. With 'quantization: {{junctions: float}}' the worst output has {without:F3}.")));
            return;
        }
        var (layers, repaired) = agreement.Repair();
        string skip = string.Join(", ", layers.Select(l => $"\"{l}\": skip"));
        scope.Warn(DiagnosticCatalog.OutputFarFromFloat.At(new SourceLocation(original.Name), string.Create(CultureInfo.InvariantCulture,
            $"output '{output}' agrees with the float model by a cosine of only {cosine:F3}. With 'layers: {{{skip}}}' these layers stay in float and the worst output has {repaired:F3}{(repaired < Close ? "; 'haq inspect haq.yaml' shows what else does damage" : "")}.")));
    }

    /// <summary>The tensor between layers whose grid does most of the damage, and what the worst output has without any such grid; null where those are not at fault.</summary>
    private (string Tensor, double Without)? JunctionAtFault()
    {
        if (_quantized.Junctions.IsEmpty) return null;
        double without = Worst(_quantized with { Junctions = [] }, Samples).Cosine;
        if (without < Close) return null;
        string worst = _quantized.Junctions.MaxBy(j => Worst(_quantized with { Junctions = _quantized.Junctions.Remove(j) }, SamplesOfCandidate).Cosine)!.Junction.Tensor;
        return (worst, without);
    }

    /// <summary>The layers that give the worst output most back, each measured alone, as many of them as bring it close; and what it has with them in float.</summary>
    private (List<string> Layers, double Cosine) Repair()
    {
        var clock = Stopwatch.StartNew();
        var found = new List<(double Cosine, string[] Layers)>();
        foreach (var readers in _quantized.Layers.Where(l => l.Activation is not null).GroupBy(l => l.Found.Input, StringComparer.Ordinal))
        {
            string[] layers = [.. readers.Select(l => l.Found.Name)];
            found.Add((Worst(Without(layers), SamplesOfCandidate).Cosine, layers));
            if (clock.Elapsed > s_patience) break;
        }
        var chosen = new List<string>();
        double cosine = 0;
        foreach (var (_, layers) in found.OrderByDescending(f => f.Cosine))
        {
            if (chosen.Count > 0 && chosen.Count + layers.Length > MostLayers) break;
            chosen.AddRange(layers);
            cosine = Worst(Without(chosen), Samples).Cosine;
            if (cosine >= Comfortable) break;
        }
        return (chosen, cosine);
    }

    private QuantizedModel Without(IReadOnlyCollection<string> layers) =>
        _quantized with { Layers = [.. _quantized.Layers.Select(l => layers.Contains(l.Found.Name) ? l with { Weights = null, Bias = null, Activation = null } : l)] };

    private (string Output, double Cosine) Worst(QuantizedModel quantized, int samples)
    {
        using var session = new OrtSession(QdqExporter.Export(quantized), EvaluationSet.Exact);
        var actual = Run(session, Math.Min(samples, _expected.Length));
        return _outputs.Select((name, o) => (name, Cosine: Mean(actual.Select((values, s) => Metrics.Score(values[o], _expected[s][o], -1, OutputKind.Values))))).MinBy(o => o.Cosine);
    }

    // Where rows are picked by value, samples with other rows have nothing to compare.
    private static double Mean(IEnumerable<SampleScore> samples) => samples.Where(s => s.IsCompared).Select(s => s.Cosine).DefaultIfEmpty(1).Average();

    private float[][][] Run(OrtSession session, int samples)
    {
        float[][][] values = new float[samples][][];
        using var batch = new Batch(_data, Batches.SizeFor(_data, 1));
        for (int s = 0; s < samples && _outputs.Length > 0; s++)
        {
            _cancellation.ThrowIfCancellationRequested();
            batch.Fill(_data, [s]);
            var results = session.Run(batch.ByName, _outputs);
            values[s] = [.. results.Select(r => r.ToFloats())];
            foreach (var result in results) result.Dispose();
        }
        return values;
    }
}
