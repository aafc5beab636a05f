using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Quantization;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>The diagnosis that a build does for its report: as many samples as the network's size allows.</summary>
internal static class LayerDamage
{
    private const int MostSamples = 64, LeastSamples = 8;

    /// <summary>Multiply-accumulates that all measurements together may take: about half a minute on two cores.</summary>
    private const double Effort = 1e12;

    /// <summary>Nodes that ONNX Runtime may have to prepare for all measurements together, a network of its own for each: about half a minute, too. A transformer of four thousand nodes takes five.</summary>
    private const double MostPrepared = 120_000;

    public static NetworkDiagnosis Of(Workspace workspace, QuantizedModel quantized)
    {
        double networks = 2.0 * workspace.Model.Layers.Length;
        int samples = (int)Math.Min(MostSamples, Effort / (networks * Math.Max(1, workspace.Model.Survey.Macs)));
        bool damage = samples >= LeastSamples && networks * workspace.Model.Float.Graph.Node.Count <= MostPrepared;
        workspace.Report("report", damage ? "measuring which layers do the damage" : "measuring each layer's own noise");
        IDataset data = DatasetSplit.Choose(workspace.Data.Search, Math.Max(samples, LeastSamples), workspace.Random.Fork("diagnosis samples"));
        using var set = workspace.Open(data);
        var progress = new Relay<int>(done => workspace.Report("report", $"measured the damage of {done} of {workspace.Model.Layers.Length} layers", (double)done / workspace.Model.Layers.Length));
        return new Diagnostician(workspace.Quantizer, quantized, set, data).Run(damage, [], damage ? progress : null, workspace.Cancellation);
    }

    public static ImmutableArray<LayerFacts> Add(ImmutableArray<LayerFacts> facts, NetworkDiagnosis diagnosis)
    {
        var layers = diagnosis.Layers.ToDictionary(l => l.Layer);
        return [.. facts.Select(f => layers.GetValueOrDefault(f.Index) is { } l
            ? f with
            {
                SqnrDb = l.SqnrDb, PathSqnrDb = l.PathSqnrDb, GivenBack = l.GivenBack, DamageAlone = l.Alone, AccumulatorBits = l.AccumulatorBits, Saturation = l.Input?.Saturation, OutlierRatio = l.Input?.OutlierRatio,
            }
            : f)];
    }

    /// <summary>Warns of layers whose sums or biases 32 bits may not hold.</summary>
    public static void WarnOfAccumulators(Workspace workspace, QuantizedModel quantized)
    {
        foreach (var layer in quantized.Layers)
        {
            if (AccumulatorWidth.Of(layer) is not { } bits) continue;
            var at = new SourceLocation(workspace.Model.Float.Name);
            long products = layer.Found.Layer.Shape.Weights / layer.Found.Layer.Shape.Out;
            if (bits > AccumulatorWidth.Usual)
                workspace.Warn(DiagnosticCatalog.AccumulatorOverflow.At(at, string.Create(CultureInfo.InvariantCulture,
                    $"'{layer.Found.Name}' needs {bits} bits for its sums: {products} products of {layer.Bits.Weights}-bit weights and {layer.Bits.Activations}-bit inputs. Give it fewer bits under 'layers:', or make sure that the target accumulates in more than {AccumulatorWidth.Usual}.")));
            if (layer.Bias is { Integers: null })
                workspace.Warn(DiagnosticCatalog.BiasNotInteger.At(at, string.Create(CultureInfo.InvariantCulture,
                    $"the bias of '{layer.Found.Name}' does not fit 32-bit integers in units of input step times weight step ({layer.Activation!.Value.Scale * layer.Weights!.Scales.Min():G2}); it stays in floating point. Give the layer fewer bits.")));
        }
    }
}
