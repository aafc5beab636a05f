namespace Haq.Engine.Tests.Fuzz;

/// <summary>Which branches of an instrumented engine an execution took, and how often.</summary>
internal interface IEdgeCoverage
{
    /// <summary>Pairs of branches that any execution took.</summary>
    int Edges { get; }

    /// <summary>Before an execution.</summary>
    void Clear();

    /// <summary>After it: a pair of branches was taken for the first time, or more often than ever, by the power of two.</summary>
    bool IsNew();

    /// <summary>Nothing counts as taken.</summary>
    void Forget();
}
