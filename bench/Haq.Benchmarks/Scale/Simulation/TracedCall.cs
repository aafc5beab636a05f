using Haq.Engine.Evaluation.Distributed;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>What a search asked of an evaluator, or announced.</summary>
/// <param name="Subject">What it is measured on.</param>
/// <param name="Requests">What was announced; or the one policy that was asked for.</param>
/// <param name="IsAsked">It is waited for.</param>
internal sealed record TracedCall(string Subject, IReadOnlyList<EvaluationRequest> Requests, bool IsAsked)
{
    /// <summary>Seconds that the search thought before, since the call before it returned.</summary>
    public double Thought { get; set; }

    /// <summary>What the search was doing.</summary>
    public string Phase { get; set; } = "";
}
