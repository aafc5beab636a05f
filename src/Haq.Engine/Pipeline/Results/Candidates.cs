using Haq.Engine.Evaluation;

namespace Haq.Engine.Pipeline.Results;

/// <summary>How a search sees its candidates: as they are measured, after a short training of each, or as they are predicted.</summary>
/// <param name="Evaluator">What decides.</param>
/// <param name="Probes">What compares neighbours; null to let the evaluator do that too.</param>
/// <param name="Journal">Where scores are kept; null where another stage keeps them.</param>
internal sealed record Candidates(IPolicyEvaluator Evaluator, IPolicyEvaluator? Probes, IDisposable? Journal) : IDisposable
{
    public void Dispose() => Journal?.Dispose();
}
