using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Networks;

/// <summary>What became of a network at 8 bits, held against the model as it was read, in stock sessions on samples that nothing was measured on; noise is the worst sample's.</summary>
/// <param name="Layers">Layers that were quantized.</param>
/// <param name="Prepared">Noise of the prepared float model: rounding, or a fault of preparation.</param>
/// <param name="IsFault">It is more than rounding.</param>
/// <param name="AsWritten">Noise of the exported file, computed as it is written.</param>
/// <param name="Delivered">Noise of the exported file in a default session.</param>
/// <param name="Typical">The same in the median over the samples: what 8 bits do, without the odd sample that is out of the calibrated range.</param>
/// <param name="Refusal">The one line that it was refused with.</param>
internal sealed record NetworkOutcome(int Layers, OutputNoise Prepared, bool IsFault, OutputNoise AsWritten, OutputNoise Delivered, OutputNoise Typical, string? Refusal)
{
    /// <summary>A default session may add so much noise to the file's own before it is a surprise, in power.</summary>
    private const double MostAdded = 4, Remarkable = 1e-3;

    /// <summary>A default session makes something else of the file than it says.</summary>
    public bool IsChanged => Delivered.Power > Remarkable && Delivered.Power > MostAdded * AsWritten.Power;

    /// <summary>It is further from the original than 8 bits explain.</summary>
    public bool IsNoisy => Typical.Power >= RandomNetworks.MostNoise;

    public override string ToString() => Refusal ?? string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Layers} layers, prepared {Prepared.Decibels:F0} dB{(IsFault ? " FAULT" : "")}, as written {AsWritten.Decibels:F1} dB, delivered {Delivered.Decibels:F1} dB at '{Delivered.Output}', typically {Typical.Decibels:F1} dB");
}

/// <summary>Takes one network through preparing, calibration, quantization to 8 bits and export.</summary>
internal static class NetworkTrial
{
    private const int Compared = 16;

    /// <summary>Tries <paramref name="model"/>; with <paramref name="junctions"/> sums, concatenations and averages are quantized too.</summary>
    public static NetworkOutcome Run(OnnxModel model, Func<QuantizableModel, ulong, IDataset> data, bool junctions = false, bool equalize = false)
    {
        try
        {
            var ready = QuantizableModel.Prepare(model, new PreparationOptions { Between = junctions ? BetweenLayers.Junctions : BetweenLayers.Float, Equalize = equalize });
            var quantized = Quantize(ready, data);
            var exported = Export(quantized);
            using var unseen = data(ready, 12);
            var check = new OriginalCheck(model, unseen, elsewhere: false, CancellationToken.None);
            var expected = OutputRecord.Of(model, PlainSession.For(model), unseen, Compared, CancellationToken.None);
            var delivered = Record(exported, PlainSession.For(model));
            var (prepared, written) = (Noise(quantized.Model, PlainSession.For(model)), Noise(exported, ExactSessions.Settings));
            return new NetworkOutcome(quantized.Layers.Length, prepared, check.FaultOf(quantized.Model) is not null, written, expected.NoiseOf(delivered), expected.TypicalNoiseOf(delivered), null);

            OutputRecord Record(OnnxModel other, SessionSettings settings) => OutputRecord.Of(other, settings, unseen, Compared, CancellationToken.None);
            OutputNoise Noise(OnnxModel other, SessionSettings settings) => expected.NoiseOf(Record(other, settings));
        }
        catch (HaqException e)
        {
            return new NetworkOutcome(0, default, false, default, default, default, e.Diagnostic.ToString());
        }
    }

    /// <summary>The file that users get at 8 bits but for a layer that stays in float, read back.</summary>
    public static OnnxModel Export(QuantizableModel prepared, Func<QuantizableModel, ulong, IDataset> data, string? inFloat = null) => Export(Quantize(prepared, data, inFloat));

    private static OnnxModel Export(QuantizedModel quantized) => OnnxModel.Parse(QdqExporter.Export(quantized).ToBytes(), "exported.onnx");

    private static QuantizedModel Quantize(QuantizableModel prepared, Func<QuantizableModel, ulong, IDataset> data, string? inFloat = null)
    {
        var policy = Policy.Uniform(prepared.Layers.Length, new LayerBits(8, 8));
        foreach (var layer in prepared.Layers.Where(l => l.Name == inFloat)) policy = policy.With(layer.Layer.Index, new LayerBits(new Bitwidth(32), new Bitwidth(32)));
        using var seen = data(prepared, 11);
        var even = ActivationSmoothing.Apply(prepared, ActivationSmoothing.Choose(prepared, seen, layer => policy[layer]));
        return new PostTrainingQuantizer(even, new Calibrator(even).Run(seen)).Quantize(policy);
    }
}
