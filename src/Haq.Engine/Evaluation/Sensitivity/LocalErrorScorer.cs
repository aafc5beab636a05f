using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// Scores without gradients and without running the quantized network: the error that a choice makes at its own layer's output, ‖(W − Q(W))x‖² or ‖W(x − Q(x))‖² relative to ‖Wx‖², its mean
/// over the samples plus a multiple of its spread. Works for every network, since only its forward pass is run; it knows nothing of what later layers make of an error.
/// </summary>
public sealed class LocalErrorScorer : ISensitivityScorer
{
    private const int BatchBytes = 128 << 20;
    private const int MostRows = 32;

    private readonly PostTrainingQuantizer _quantizer;
    private readonly IDataset _data;
    private readonly double _spread;

    /// <summary>A scorer on the samples of <paramref name="data"/>, which stays the caller's.</summary>
    /// <param name="quantizer">The network and its quantizers.</param>
    /// <param name="data">Samples; labels are not looked at.</param>
    /// <param name="spread">How many standard deviations over the samples are added to the mean.</param>
    public LocalErrorScorer(PostTrainingQuantizer quantizer, IDataset data, double spread = 1)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentOutOfRangeException.ThrowIfNegative(spread);
        (_quantizer, _data, _spread) = (quantizer, data, spread);
    }

    /// <inheritdoc/>
    public SensitivityTable Score(IReadOnlyList<LayerBits[]> choices, ImmutableArray<ImmutableArray<int>> groups, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var model = _quantizer.Model;
        string[] tapped = [.. model.Layers.Select(l => l.Input).Distinct(StringComparer.Ordinal).Where(name => !_data.Inputs.Any(i => i.Name == name))];
        using var session = new OrtSession(Tapped(model.Float, tapped), new SessionSettings { Threads = 1 });
        using var local = new LocalForwards(_quantizer, choices, groups, weighted: false);
        foreach (var batch in Batches.InOrder(_data, Rows(), cancellation))
        {
            var tensors = new Dictionary<string, OrtTensor>(batch.ByName, StringComparer.Ordinal);
            var taps = tapped.Length > 0 ? session.Run(batch.ByName, tapped) : [];
            try
            {
                for (int i = 0; i < taps.Length; i++) tensors[tapped[i]] = taps[i];
                local.Run(layer => tensors[model.Layers[layer].Input], _ => null, batch.Count, batch.Rows, cancellation);
            }
            finally
            {
                foreach (var tap in taps) tap.Dispose();
            }
        }
        return local.Table("local", groups, Read);
    }

    private double Read(IReadOnlyList<double> changes, IReadOnlyList<double> signals)
    {
        double sum = 0, squares = 0;
        for (int i = 0; i < changes.Count; i++)
        {
            // A layer that gives nothing for a sample has no scale there: the error counts as it is.
            double error = signals[i] > 0 ? changes[i] / signals[i] : changes[i];
            sum += error;
            squares += error * error;
        }
        double mean = sum / changes.Count;
        return mean + _spread * Math.Sqrt(Math.Max(0, squares / changes.Count - mean * mean));
    }

    private static OnnxModel Tapped(OnnxModel model, string[] names)
    {
        return ModelBuilder.From(model).Show(names).Build();
    }

    private int Rows()
    {
        long bytes = _quantizer.Model.Layers.Sum(l => l.Layer.Shape.InputElements * sizeof(float));
        return (int)Math.Clamp(BatchBytes / Math.Max(1, bytes), 1, MostRows);
    }
}
