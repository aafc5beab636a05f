using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>Compares all outputs of a network with the float network's on a few samples: a metric looks at one output only.</summary>
internal sealed class OutputComparison
{
    private readonly IDataset _data;
    private readonly string[] _outputs;
    private readonly float[][][] _expected;

    /// <summary>Runs the float network.</summary>
    public OutputComparison(OnnxModel original, IDataset data, int samples, SessionSettings settings, CancellationToken cancellation)
    {
        _data = data;
        using var session = new OrtSession(original, settings);
        _outputs = [.. session.Outputs.Where(o => o.Type == DataType.Float).Select(o => o.Name)];
        _expected = new float[_outputs.Length == 0 ? 0 : Math.Min(samples, data.Count)][][];
        ForSamples(session, _expected.Length, (sample, values) => _expected[sample] = values, cancellation);
    }

    /// <summary>The outputs that are compared: all of 32-bit reals.</summary>
    public IReadOnlyList<string> Outputs => _outputs;

    /// <summary>The worst output's mean cosine, and the mean over outputs of noise as a share of signal.</summary>
    public (string Output, double Cosine, double Noise) Compare(OrtSession session, int samples, CancellationToken cancellation)
    {
        int count = Math.Min(samples, _expected.Length);
        if (count == 0) return ("", 1, 0);
        double[] cosine = new double[_outputs.Length], noise = new double[_outputs.Length];
        ForSamples(session, count, (sample, values) =>
        {
            for (int o = 0; o < _outputs.Length; o++)
            {
                var score = Metrics.Score(values[o], _expected[sample][o], -1, OutputKind.Values);
                // What is not a number is as far from the float network as anything can be.
                cosine[o] += double.IsNaN(score.Cosine) ? 0 : score.Cosine;
                noise[o] += !double.IsFinite(score.Noise) ? 1 : score.Signal > 0 ? score.Noise / score.Signal : score.Noise > 0 ? 1 : 0;
            }
        }, cancellation);
        int worst = Array.IndexOf(cosine, cosine.Min());
        return (_outputs[worst], cosine[worst] / count, noise.Sum() / count / _outputs.Length);
    }

    private void ForSamples(OrtSession session, int samples, Action<int, float[][]> seen, CancellationToken cancellation)
    {
        using var batch = new Batch(_data, Batches.SizeFor(_data, 1));
        for (int sample = 0; sample < samples; sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Fill(_data, [sample]);
            var results = session.Run(batch.ByName, _outputs);
            seen(sample, [.. results.Select(r => r.ToFloats())]);
            foreach (var result in results) result.Dispose();
        }
    }
}
