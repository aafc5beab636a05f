using Haq.Engine.Evaluation;

namespace Haq.Engine.Search;

/// <summary>Chooses the bits. Stateless: one instance may serve several searches.</summary>
public interface ISearchStrategy
{
    /// <summary>The name in the manifest.</summary>
    string Name { get; }

    /// <summary>Searches. The result is affordable and no worse than the seed it started from; if cancelled, it is the best so far.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before any policy was evaluated.</exception>
    SearchResult Search(SearchProblem problem, IPolicyEvaluator evaluator, IProgress<SearchStep>? progress, CancellationToken cancellation);
}
