using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization.Calibration;

/// <summary>Runs the float model over samples and watches what its layers read, a few tensors of a few samples at a time.</summary>
public sealed class Calibrator
{
    private readonly QuantizableModel _model;
    private readonly CalibrationOptions _options;

    /// <summary>Calibrates <paramref name="model"/>.</summary>
    public Calibrator(QuantizableModel model, CalibrationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _options) = (model, options ?? new CalibrationOptions());
    }

    /// <summary>Watches all samples of <paramref name="dataset"/>; <paramref name="progress"/> is told how many are done.</summary>
    /// <exception cref="HaqException">A layer reads values that are not finite (HAQ0402), or the model fails (HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public CalibrationTable Run(IDataset dataset, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var histograms = ActivationTensors().ToDictionary(t => t, _ => new StreamedHistogram(), StringComparer.Ordinal);
        var masks = _model.MaskNames.ToHashSet(StringComparer.Ordinal);
        var moments = _options.Moments ? MomentCollector.For(_model, dataset.Count, _options.MomentMemory) : MomentCollector.None;
        Watch(dataset, histograms.Keys, (tensor, values) =>
        {
            histograms[tensor].Add(masks.Contains(tensor) ? Raised(values.Values<float>()) : values.Values<float>());
            moments.Add(tensor, values);
        }, progress, cancellation);
        // Between layers a mask of minus infinities is usual, and such a tensor stays in real numbers.
        var read = _model.Layers.Select(l => l.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var (tensor, histogram) in histograms)
        {
            if (histogram.NonFinite > 0 && read.Contains(tensor))
            {
                throw DiagnosticCatalog.NotFinite.Error(_model.Float.Name,
                    $"'{tensor}' holds {histogram.NonFinite} values that are infinite or not a number on the calibration data. Check the preprocessing, and the model itself on one of these samples.");
            }
        }

        return new CalibrationTable(histograms, dataset.Count, _options.Method, moments: moments.ByLayer);
    }

    /// <summary>
    /// Shows <paramref name="observer"/> every batch of each of <paramref name="tensors"/>, in the order of the samples. Different tensors may come from several threads at once, one tensor
    /// from one at a time.
    /// </summary>
    internal void Watch(IDataset dataset, IEnumerable<string> tensors, Action<string, OrtTensor> observer, IProgress<int>? progress, CancellationToken cancellation)
    {
        string[] wanted = [.. tensors];
        var inputs = wanted.Where(t => _model.View.Inputs.Any(i => i.Name == t)).ToHashSet(StringComparer.Ordinal);
        var chunks = Chunks([.. wanted.Where(t => !inputs.Contains(t))], out int rows);
        using var session = new OrtSession(WithOutputs(chunks.SelectMany(c => c)), SessionSettings.Default);
        int done = 0;
        foreach (var batch in Batches.InOrder(dataset, Math.Min(rows, _options.Batch), cancellation))
        {
            foreach (string input in inputs) observer(input, batch.ByName[input]);
            foreach (var chunk in chunks)
            {
                cancellation.ThrowIfCancellationRequested();
                var values = session.Run(batch.ByName, chunk);
                try
                {
                    Parallel.For(0, chunk.Length, i => observer(chunk[i], values[i]));
                }
                finally
                {
                    foreach (var value in values) value.Dispose();
                }
            }
            done += batch.Count;
            progress?.Report(done);
        }
    }

    /// <summary>The tensors that are read quantized, each once: those of layers in execution order, then those between.</summary>
    internal IEnumerable<string> ActivationTensors() => Needed().Concat(_model.TensorNames).Concat(_model.RegionTensors).Distinct(StringComparer.Ordinal);

    private IEnumerable<string> Needed() => _model.Layers.Select(l => l.Input).Concat(_model.Junctions.Select(j => j.Tensor));

    // A mask says the same from there on, and bins as wide as the least number could not tell scores apart.
    private static float[] Raised(ReadOnlySpan<float> values)
    {
        float[] raised = values.ToArray();
        foreach (ref float value in raised.AsSpan()) value = Math.Max(value, MaskedScore.Floor);
        return raised;
    }

    /// <summary>Tensors that are fetched together, and how many samples at a time fit.</summary>
    private List<string[]> Chunks(string[] tensors, out int rows)
    {
        long limit = _options.ActivationMemory;
        long[] bytes = [.. tensors.Select(t => _model.Shapes.TryGet(t, out var type) ? type.Count / Math.Max(1, _model.Shapes.Batch) * sizeof(float) : 0)];
        long all = Math.Max(1, bytes.Sum());
        rows = (int)Math.Clamp(limit / all, 1, int.MaxValue);
        var chunks = new List<string[]>();
        int from = 0;
        long sum = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            if (i > from && sum + bytes[i] > limit)
            {
                chunks.Add(tensors[from..i]);
                (from, sum) = (i, 0);
            }
            sum += bytes[i];
        }
        if (from < tensors.Length) chunks.Add(tensors[from..]);
        return chunks;
    }

    private OnnxModel WithOutputs(IEnumerable<string> tensors) => ModelBuilder.From(_model.Float).Show(tensors).Build();
}
