using Haq.Benchmarks.Scale.Simulation;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;

namespace Haq.Benchmarks.Scale;

/// <summary>
/// Scores policies on one thread of this process, each once, and keeps what came out and the processor time that it took.
/// </summary>
/// <param name="quantizer">Gives policies their numbers.</param>
/// <param name="sets">What they are measured on, by subject.</param>
/// <param name="reuse">What the same first layers of other policies made is used again, as by one worker that measures them all. Otherwise each is measured as a worker's first.</param>
internal sealed class MeasuredTimes(PostTrainingQuantizer quantizer, IReadOnlyDictionary<string, EvaluationSet> sets, bool reuse) : IWorkTimes
{
    private readonly Dictionary<(string, Policy), Measured> _known = [];

    /// <summary>How many policies were measured.</summary>
    public int Count => _known.Count;

    public SampleScore[] Scores(string subject, Policy policy) => Of(subject, policy).Scores;

    public double Opening(string subject, Policy policy) => Of(subject, policy).Opening;

    public double Scoring(string subject, Policy policy, int batch) => Of(subject, policy).Scoring[batch];

    /// <summary>Measures a policy on every set and forgets it: what a process does once for all policies is nobody's time.</summary>
    public void WarmUp(Policy policy)
    {
        foreach (var set in sets.Values) Measure(set, policy);
    }

    private Measured Of(string subject, Policy policy)
    {
        if (!_known.TryGetValue((subject, policy), out var known)) _known.Add((subject, policy), known = Measure(sets[subject], policy));
        return known;
    }

    private Measured Measure(EvaluationSet set, Policy policy)
    {
        var began = ProcessorTime.Seconds();
        using var network = set.OpenInIntegers(quantizer, policy, reuse);
        double opening = Since(began);
        var scores = new SampleScore[set.Count];
        double[] scoring = new double[set.BatchCount];
        for (int batch = 0; batch < scoring.Length; batch++)
        {
            began = ProcessorTime.Seconds();
            set.Run(network, [batch], CancellationToken.None).CopyTo(scores, batch * set.Rows);
            scoring[batch] = Since(began);
        }
        return new Measured(scores, opening, scoring);
    }

    private static double Since(double began) => ProcessorTime.Seconds() - began;

    private sealed record Measured(SampleScore[] Scores, double Opening, double[] Scoring);
}
