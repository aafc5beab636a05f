using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// What <see cref="LocalErrorScorer"/> measures, worked out without running anything: for an input whose values are uncorrelated, the error of a choice at the layer's output relative to the output
/// is ‖W − Q(W)‖²/‖W‖² for weights, here from an even sample of output channels, and E(x − Q(x))²/E x² for the input, from calibration's histograms. One layer's weights are in memory at a time.
/// </summary>
public sealed class LayerNoiseScorer : ISensitivityScorer
{
    private const int MostWeights = 1 << 21, FewestChannels = 32;

    private readonly PostTrainingQuantizer _quantizer;

    /// <summary>A scorer of the layers of <paramref name="quantizer"/>'s network.</summary>
    public LayerNoiseScorer(PostTrainingQuantizer quantizer)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        _quantizer = quantizer;
    }

    /// <inheritdoc/>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        double[] weights = SensitivityTable.Unscored(choices.Count), activations = SensitivityTable.Unscored(choices.Count);
        foreach (var group in groups)
        {
            foreach (int layer in group)
            {
                cancellation.ThrowIfCancellationRequested();
                var found = _quantizer.Model.Layers[layer];
                Weights(found, Widths(choices[layer], b => b.Weights), weights.AsSpan(layer * SensitivityTable.MaxBits));
                Activations(found, Widths(choices[layer], b => b.Activations), activations.AsSpan(layer * SensitivityTable.MaxBits));
                // The group's score stands at its first layer; here all members have the same.
                if (layer == group[0]) continue;
                for (int i = 0; i < SensitivityTable.MaxBits; i++)
                {
                    int own = layer * SensitivityTable.MaxBits + i, shared = group[0] * SensitivityTable.MaxBits + i;
                    if (!double.IsNaN(activations[own])) (activations[shared], activations[own]) = (activations[shared] + activations[own], 0);
                }
            }
        }
        return new SensitivityTable(weights, activations) { Method = "local" };
    }

    private static Bitwidth[] Widths(LayerBits[] choices, Func<LayerBits, Bitwidth> of) => [.. choices.Select(of).Distinct().Where(w => w.IsQuantized())];

    private void Weights(Onnx.FoundLayer found, Bitwidth[] widths, Span<double> scores)
    {
        if (widths.Length == 0) return;
        var layout = ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis);
        int channels = Math.Min(layout.Channels, Math.Max(FewestChannels, MostWeights / layout.PerChannel));
        float[] sample = new float[channels * layout.PerChannel], back = new float[sample.Length];
        float[] all = _quantizer.Model.View.Floats(found.Weight)!;
        for (int c = 0; c < channels; c++) layout.Gather(all, (int)((long)c * layout.Channels / channels), sample.AsSpan(c * layout.PerChannel));
        double signal = SumOfSquares(sample);
        foreach (var width in widths)
        {
            WeightQuantizer.Quantize(sample, new ChannelLayout(1, channels, layout.PerChannel), width, WeightRange.Mse).Dequantize(back);
            for (int i = 0; i < back.Length; i++) back[i] -= sample[i];
            scores[width.Bits - 1] = signal > 0 ? SumOfSquares(back) / signal : 0;
        }
    }

    private void Activations(Onnx.FoundLayer found, Bitwidth[] widths, Span<double> scores)
    {
        if (widths.Length == 0) return;
        var points = _quantizer.Calibration.HistogramOf(found.Input).Points();
        double signal = points.Sum(p => (double)p.Value * p.Value * p.Count);
        foreach (var width in widths)
        {
            var quantizer = _quantizer.Calibration.For(found.Input, width);
            double noise = 0;
            foreach (var (value, count) in points)
            {
                double difference = value - quantizer.Round(value);
                noise += difference * difference * count;
            }
            scores[width.Bits - 1] = signal > 0 ? noise / signal : 0;
        }
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return sum;
    }
}
