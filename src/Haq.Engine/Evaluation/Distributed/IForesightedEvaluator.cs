namespace Haq.Engine.Evaluation.Distributed;

/// <summary>An evaluator that is told what it will be asked, so that what can run at the same time does. Foresight changes when something is computed, never what an answer is.</summary>
public interface IForesightedEvaluator : IRacingEvaluator
{
    /// <summary>What is announced is measured ahead. Otherwise it is heard and nothing comes of it.</summary>
    bool HasForesight { get; }

    /// <summary>
    /// Names what will probably be asked next, in that order. It takes the place of what was announced before: what of that is not in <paramref name="requests"/> and has not begun is dropped,
    /// what is known stays known. A request that never comes costs time only, one that was not announced is answered all the same.
    /// </summary>
    void Announce(IReadOnlyList<EvaluationRequest> requests);
}
