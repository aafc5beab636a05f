using Haq.Engine.Evaluation;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Stages.Measuring;

/// <summary>Makes measurements last: a killed search resumes, and another budget, strategy or target starts from what is known already.</summary>
internal static class Journals
{
    /// <summary>The evaluator with a memory; its journal too, unless another search holds it or the cache cannot be written: then the search goes on without one.</summary>
    /// <param name="scope">The stage's.</param>
    /// <param name="evaluator">What measures.</param>
    /// <param name="subject">Everything that a score depends on besides the policy: a record as of a stage's inputs.</param>
    public static (IPolicyEvaluator Evaluator, IDisposable? Journal) Durable(StageScope scope, IPolicyEvaluator evaluator, object subject)
    {
        var measured = new EvaluationMemo(evaluator);
        if (scope.Journal("measure", StageVersions.Search, subject) is not { } place) return (measured, null);
        try
        {
            var journal = new JournaledEvaluator(measured, Path.Combine(place.Folder, "scores.jsonl"), place.Key.Digest, new RareLook(scope.RequireUnchanged, TimeProvider.System).Looked);
            return (journal, journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (measured, null);
        }
    }
}
