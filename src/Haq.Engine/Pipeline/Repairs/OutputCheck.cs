using Haq.Engine.Data;
using Haq.Engine.Evaluation;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Repairs;

/// <summary>Compares every output of quantized networks with the float model's on a few samples: a metric looks at one output, and a detector's scores can be lost while its boxes stay.</summary>
internal sealed class OutputCheck
{
    private const int Samples = 8, QuickSamples = 3;

    private readonly IDataset _data;
    private readonly string[] _outputs;
    private readonly float[][][] _expected;
    private readonly CancellationToken _cancellation;
    private readonly int? _workers;

    /// <summary>A check against <paramref name="network"/> on the first samples of <paramref name="data"/>.</summary>
    public OutputCheck(FloatNetwork network, IDataset data, CancellationToken cancellation)
    {
        var original = network.Model;
        // Two runs of a large network beside each other take too much memory.
        (_data, _cancellation, _workers) = (data, cancellation, original.IsLarge ? 1 : null);
        using var own = original.IsLarge ? new OrtSession(original, ExactSessions.Settings) : null;
        using var use = network.Use();
        var session = own ?? use.Session;
        _outputs = [.. session.Outputs.Where(o => o.Type == DataType.Float).Select(o => o.Name)];
        _expected = Run(session, Math.Min(Samples, data.Count));
    }

    /// <summary>The output that is furthest from the float model's, and its mean cosine; 1 where no output can be compared.</summary>
    /// <param name="quantized">The network.</param>
    /// <param name="quick">On fewer samples.</param>
    public (string Output, double Cosine) Worst(QuantizedModel quantized, bool quick = false)
    {
        if (_outputs.Length == 0) return ("", 1);
        using var session = new OrtSession(QdqExporter.Export(quantized), ExactSessions.Settings);
        var actual = Run(session, Math.Min(quick ? QuickSamples : Samples, _expected.Length));
        return _outputs.Select((name, o) => (name, Cosine: Mean(actual.Select((values, s) => Metrics.Score(values[o], _expected[s][o], -1, OutputKind.Values))))).MinBy(o => o.Cosine);
    }

    // Where rows are picked by value, samples with other rows have nothing to compare. What is not a number is as far from float as anything can be.
    private static double Mean(IEnumerable<SampleScore> samples) =>
        samples.Where(s => s.IsCompared).Select(s => double.IsNaN(s.Cosine) ? 0 : s.Cosine).DefaultIfEmpty(1).Average();

    private float[][][] Run(OrtSession session, int samples) => _outputs.Length == 0 ? [] : [.. SampleRuns.Of(session, _outputs, _data, samples, _workers, _cancellation)];
}
