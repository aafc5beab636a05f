using System.Globalization;
using Haq.Engine.Evaluation;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What policies are measured with, without training: the search set, and a part of it for probes where the network is large.</summary>
/// <param name="Evaluator">On the search set.</param>
/// <param name="Probes">On the part; null where the whole is as fast.</param>
/// <param name="Sets">What is measured on, the faster one first.</param>
/// <param name="Journals">Where scores are kept.</param>
internal sealed record Measurements(IPolicyEvaluator Evaluator, IPolicyEvaluator? Probes, IReadOnlyList<EvaluationSet> Sets, IReadOnlyList<IDisposable> Journals) : IDisposable
{
    /// <summary>How many workers measure elsewhere now; null where nobody is to.</summary>
    public Func<int>? Workers { get; init; }

    /// <summary>How fast policies are measured right now, for people.</summary>
    public string Speed => Workers?.Invoke() is > 0 and var workers ? string.Create(CultureInfo.InvariantCulture, $", {workers} worker{(workers == 1 ? "" : "s")}")
        : Sets[0].SamplesPerSecond is > 0 and var speed ? string.Create(CultureInfo.InvariantCulture, $", {speed:0} samples/s") : "";

    public void Dispose()
    {
        foreach (var journal in Journals) journal.Dispose();
    }
}
