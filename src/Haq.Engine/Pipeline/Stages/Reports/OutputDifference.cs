using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.Stages.Reports;

/// <summary>How far two models' outputs are apart, sample by sample.</summary>
internal sealed class OutputDifference
{
    private double _most, _sum, _signal, _noise;
    private long _values;
    private int _samples;

    public OutputDifferenceFacts Facts => new()
    {
        MaxAbsolute = _most,
        MeanAbsolute = _values > 0 ? _sum / _values : 0,
        SqnrDb = _noise > 0 && _signal > 0 ? 10 * Math.Log10(_signal / _noise) : null,
        Samples = _samples,
    };

    public void Add(ReadOnlySpan<float> original, ReadOnlySpan<float> exported)
    {
        // Rows that are picked by value may be other ones, and then no number belongs to another.
        if (original.Length != exported.Length) return;
        for (int i = 0; i < original.Length; i++)
        {
            double difference = Math.Abs((double)original[i] - exported[i]);
            _most = Math.Max(_most, difference);
            _sum += difference;
            _signal += (double)original[i] * original[i];
            _noise += difference * difference;
        }
        _values += original.Length;
        _samples++;
    }
}
