using System.Collections.Immutable;
using System.Diagnostics;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Subjects;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>The diagnosis that a build does for its report: as many samples as the network's size allows.</summary>
internal static class LayerDamage
{
    private const int MostSamples = 64, LeastSamples = 8;

    /// <summary>Multiply-accumulates that all measurements together may take: about half a minute on two cores.</summary>
    private const double Effort = 1e12;

    /// <summary>
    /// Nodes that ONNX Runtime may have to prepare for all measurements together, a network of its own for each: about half a minute, too. A
    /// transformer of four thousand nodes takes five.
    /// </summary>
    private const double MostPrepared = 120_000;

    /// <summary>How many samples are looked at.</summary>
    public static int SamplesFor(QuantizableModel model) => Math.Max(Affordable(model), LeastSamples);

    public static NetworkDiagnosis Of(QuantizableModel model, PostTrainingQuantizer quantizer, QuantizedModel quantized, DiagnosisInputs inputs, MeasuringTime time, StageScope scope)
    {
        bool damage = Affordable(model) >= LeastSamples && Networks(model) * model.Float.Graph.Node.Count <= MostPrepared;
        bool begun = false;
        var clock = Stopwatch.StartNew();
        scope.Report(damage ? "measuring which layers do the damage" : "measuring each layer's own noise");
        var progress = new Relay<int>(done => scope.Report($"measured the damage of {done} of {model.Layers.Length} layers", (double)done / model.Layers.Length));
        // Where nothing is measured but the whole, nobody else is worth asking.
        using var pool = DiagnosisPool.Open(
            damage ? inputs.Elsewhere : null, quantizer, quantized, inputs.Set.Value, text => scope.Report(text), scope.Cancellation);
        var diagnosis = new Diagnostician(quantizer, quantized, inputs.Set.Value, inputs.Samples.Value, pool.Measurements)
            .Run(MayMeasure, [], damage ? progress : null, scope.Cancellation);
        inputs.Set.Close();
        return diagnosis;

        // Making the network ready and measuring layers enough to tell something of the others takes longer than the noise of all did.
        bool MayMeasure() => damage && (begun ? !time.IsOver : begun = time.Admits(clock.Elapsed));
    }

    /// <summary>The layers with what was found out about them, and with estimates where that was not measured.</summary>
    public static ImmutableArray<LayerFacts> Add(ImmutableArray<LayerFacts> facts, NetworkDiagnosis diagnosis)
    {
        var layers = diagnosis.Layers.ToDictionary(l => l.Layer);
        return DamageEstimate.Fill([.. facts.Select(f => layers.GetValueOrDefault(f.Index) is { } l
            ? f with
            {
                SqnrDb = l.SqnrDb, PathSqnrDb = l.PathSqnrDb, GivenBack = l.GivenBack, DamageAlone = l.Alone, AccumulatorBits = l.AccumulatorBits,
                    Saturation = l.Input?.Saturation, OutlierRatio = l.Input?.OutlierRatio,
            }
            : f)]);
    }

    private static double Networks(QuantizableModel model) => 2.0 * model.Layers.Length;

    private static int Affordable(QuantizableModel model) => (int)Math.Min(MostSamples, Effort / (Networks(model) * Math.Max(1, model.Survey.Macs)));
}
