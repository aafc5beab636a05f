using Haq.Engine.Numerics;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Decides when a policy has lost against another one: batches are visited in a shuffled order, the same for all policies, and after 4, 6, 8, 12, 16, 24, … of them the mean difference of the
/// two losses is compared with its standard error over the batches. Losing takes as many standard errors as a policy that is no better shows by chance in one of ten comparisons: one that is better by
/// less than the comparison can see may be missed, a worse one is never taken, because only policies that were measured to the end can win.
/// </summary>
internal sealed class LossRace
{
    private const int FirstComparison = 4;

    private readonly double[] _rival;
    private readonly int _batch;
    private readonly OutputKind _kind;
    private readonly double _signal;

    /// <summary>A race against a network whose every sample was scored, in batches of <paramref name="batch"/> consecutive samples.</summary>
    public LossRace(ReadOnlySpan<SampleScore> rival, int batch, OutputKind kind)
    {
        (_batch, _kind) = (batch, kind);
        foreach (ref readonly var sample in rival) _signal += sample.Signal / rival.Length;
        _rival = new double[rival.Length];
        for (int i = 0; i < rival.Length; i++) _rival[i] = LossOf(rival[i]);
    }

    /// <summary>The order in which batches are visited.</summary>
    public static int[] Order(int batches) => new SeededRandom(0).Fork("race").Permutation(batches);

    /// <summary>The numbers of batches after which to compare, ascending; all of them at the end.</summary>
    public static IEnumerable<int> Comparisons(int batches)
    {
        // What is left must be worth the interruption of the workers.
        for (int at = FirstComparison, between = 0; at + between <= batches * 3 / 4;)
        {
            yield return at + between;
            (at, between) = between == 0 ? (at, at / 2) : (2 * at, 0);
        }
        yield return batches;
    }

    /// <summary>The policy has lost by what was seen of it: the scores of the samples of the batches in <paramref name="visited"/>.</summary>
    public bool IsLost(ReadOnlySpan<SampleScore> scores, ReadOnlySpan<int> visited)
    {
        var (mean, error) = Difference(scores, visited);
        // An output that is no number is lost for certain.
        return double.IsNaN(mean) || mean > Doubt(visited.Length - 1) * error;
    }

    /// <summary>The standard error of how far a policy that was measured to the end is from the other one, in the mean over batches; null where there are too few to tell.</summary>
    public double? ErrorAtEnd(ReadOnlySpan<SampleScore> scores) =>
        Difference(scores, Order((_rival.Length + _batch - 1) / _batch)).Error is var error && double.IsFinite(error) ? error : null;

    private (double Mean, double Error) Difference(ReadOnlySpan<SampleScore> scores, ReadOnlySpan<int> visited)
    {
        double sum = 0, squares = 0;
        foreach (int batch in visited)
        {
            int first = batch * _batch, last = Math.Min(first + _batch, _rival.Length);
            double difference = 0;
            for (int i = first; i < last; i++) difference += (LossOf(scores[i]) - _rival[i]) / (last - first);
            sum += difference;
            squares += difference * difference;
        }
        int n = visited.Length;
        double mean = sum / n, variance = Math.Max(0, squares - n * mean * mean) / (n - 1);
        return (mean, Math.Sqrt(variance / n));
    }

    /// <summary>The one-sided 0.1 quantile of Student's t: the normal's, 1.28, with its expansion in the degrees of freedom (Abramowitz and Stegun, 26.7.5).</summary>
    internal static double Doubt(int freedom)
    {
        const double Z = 1.2816;
        const double First = (Z * Z * Z + Z) / 4, Second = (5 * Z * Z * Z * Z * Z + 16 * Z * Z * Z + 3 * Z) / 96;
        return Z + First / freedom + Second / ((double)freedom * freedom);
    }

    // Networks that are no classifiers lose noise power, relative to the mean power of the float model's output.
    private double LossOf(in SampleScore sample) => _kind != OutputKind.Values ? sample.Divergence : _signal > 0 ? sample.Noise / _signal : sample.Noise;
}
