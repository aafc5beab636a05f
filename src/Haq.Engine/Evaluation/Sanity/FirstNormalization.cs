using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>
/// The first batch normalization behind a network's first convolution: it holds the mean and variance that its input had in training, so that data can be held against them without labels.
/// </summary>
internal sealed class FirstNormalization
{
    private readonly OnnxModel _beginning;
    private readonly string _tensor;
    private readonly float[] _mean, _deviation;

    private FirstNormalization(OnnxModel beginning, string tensor, float[] mean, float[] deviation) => (_beginning, _tensor, _mean, _deviation) = (beginning, tensor, mean, deviation);

    /// <summary>Null where no convolution that reads the model's input is followed by a batch normalization with constant statistics: most exporters fold it.</summary>
    public static FirstNormalization? Of(OnnxModel model)
    {
        var view = new GraphView(model);
        foreach (var norm in view.Order.Where(n => n.Is(OpNames.BatchNormalization)))
        {
            if (view.ProducerOf(norm.Input[0]) is not { } layer || !layer.Is(OpNames.Conv)) continue;
            if (view.Floats(norm.InputAt(3)) is not { } mean || view.Floats(norm.InputAt(4)) is not { } variance || mean.Length != variance.Length) return null;
            double epsilon = norm.Float("epsilon", 1e-5f);
            return new FirstNormalization(BeginningOf(model, view, layer), layer.Output[0], mean, [.. variance.Select(v => (float)Math.Sqrt(Math.Max(0, v) + epsilon))]);
        }
        return null;
    }

    /// <summary>
    /// How the layer's outputs on some samples compare with training: the median over channels of |mean − trained mean| in trained deviations, and
    /// of deviation over trained deviation.
    /// </summary>
    public (double Distance, double Ratio) Compare(IDataset data, int samples, CancellationToken cancellation)
    {
        using var session = new OrtSession(_beginning, new SessionSettings { Threads = 1 });
        double[] sum = new double[_mean.Length], squares = new double[_mean.Length];
        long count = 0;
        int[] order = [.. Enumerable.Range(0, Math.Min(samples, data.Count))];
        foreach (var batch in Batches.InOrder(data, order, 4, cancellation))
        {
            using var output = session.Run(batch.ByName, [_tensor])[0];
            float[] values = output.ToFloats();
            int inner = values.Length / Math.Max(1, batch.Rows) / _mean.Length;
            for (int map = 0; map < batch.Count * _mean.Length; map++)
            {
                int channel = map % _mean.Length;
                (double total, double power) = (sum[channel], squares[channel]);
                foreach (float value in values.AsSpan(map * inner, inner))
                {
                    total += value;
                    power += (double)value * value;
                }
                (sum[channel], squares[channel]) = (total, power);
            }
            count += (long)batch.Count * inner;
        }
        double[] distances = new double[_mean.Length], ratios = new double[_mean.Length];
        for (int c = 0; c < _mean.Length; c++)
        {
            double mean = sum[c] / count, variance = Math.Max(0, squares[c] / count - mean * mean);
            distances[c] = Math.Abs(mean - _mean[c]) / _deviation[c];
            ratios[c] = Math.Sqrt(variance) / _deviation[c];
        }
        return (Median(distances), Median(ratios));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static OnnxModel BeginningOf(OnnxModel model, GraphView view, NodeProto last)
    {
        var open = new Stack<NodeProto>([last]);
        var kept = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        while (open.TryPop(out var node))
        {
            if (!kept.Add(node)) continue;
            foreach (string input in GraphView.InputsOf(node))
                if (view.ProducerOf(input) is { } producer) open.Push(producer);
        }
        var part = ModelBuilder.PartOf(model, view.Order.Where(kept.Contains));
        foreach (var input in model.Graph.Input) part.Input(input);
        return part.Show([last.Output[0]]).Build();
    }
}
