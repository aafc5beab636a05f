namespace Haq.Engine.Search;

/// <summary>
/// How much measuring a network's size allows: probes only compare neighbours, so that large networks are probed on fewer samples, and very large ones, or those of very many layers, less often. It
/// depends on the network alone, never on how fast the machine is, so that the same search takes the same steps everywhere.
/// </summary>
/// <param name="ProbeSamples">Samples of a probe, at most.</param>
/// <param name="Evaluations">Policies that <c>auto</c> may measure after scoring.</param>
public sealed record SearchEffort(int ProbeSamples, int Evaluations)
{
    // Multiply-accumulates of one probe, and of all of them: about 10 ms and one minute on two cores.
    private const double PerProbe = 2.5e8, Together = 1.5e12;

    // Of making one layer ready for a measurement, its weights quantized and its nodes in a session: half a millisecond, in multiply-accumulates.
    private const double PerLayer = 1.4e7;

    // Of all points of the report's curve: some 20 seconds on two cores.
    private const double Front = 5e11;
    private const int FewestFrontPoints = 4, MostFrontPoints = 10;
    // Making ready one quantized network of gigabytes takes half a minute, whatever is then run on it.
    private const int HugeEvaluations = 24;
    private const int FewestSamples = 32, MostSamples = 64, FewestEvaluations = 120, MostEvaluations = 600;

    /// <summary>How many policies of a trade-off curve a build measures for its report; 0 where one measurement alone is too much.</summary>
    public static int FrontPoints(long macs, int samples)
    {
        int points = (int)Math.Min(MostFrontPoints, Front / Math.Max(1, (double)macs * samples));
        return points < FewestFrontPoints ? 0 : points;
    }

    /// <summary>What one measurement costs, in multiply-accumulates: of small networks, it is not computing.</summary>
    public static double CostOf(long macs, int layers, int samples) => Math.Max((double)macs * samples, PerLayer * layers);

    /// <summary>The effort for a network of that many multiply-accumulates per sample, in so many layers; <paramref name="huge"/> where its weights are gigabytes.</summary>
    public static SearchEffort For(long macs, int layers, bool huge = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(macs);
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        double each = Math.Max(macs, 1);
        int samples = (int)Math.Clamp(PerProbe / each, FewestSamples, MostSamples);
        return new SearchEffort(samples, huge ? HugeEvaluations : (int)Math.Clamp(Together / Math.Max(1, CostOf(macs, layers, samples)), FewestEvaluations, MostEvaluations));
    }
}
