using Haq.Engine.Numerics;

namespace Haq.Benchmarks.Costs;

/// <summary>Figures that a cost model predicts beside those that somebody published or measured.</summary>
/// <param name="Kind">The kind of model, and the target where it has a name.</param>
/// <param name="What">What is compared, with its unit.</param>
/// <param name="Source">Where the other figures come from.</param>
/// <param name="Predicted">By the model.</param>
/// <param name="Actual">By the source; above 0.</param>
internal sealed record Comparison(string Kind, string What, string Source, IReadOnlyList<double> Predicted, IReadOnlyList<double> Actual)
{
    /// <summary>Why the model is off, where it is.</summary>
    public string Why { get; init; } = "";

    /// <summary>The figures must be equal.</summary>
    public bool IsExact { get; init; }

    /// <summary>The errors.</summary>
    public ErrorSummary Errors { get; } = ErrorSummary.Of([.. Predicted], [.. Actual]);

    /// <summary>A comparison of pairs.</summary>
    public static Comparison Of(string kind, string what, string source, IEnumerable<(double Predicted, double Actual)> pairs)
    {
        (double Predicted, double Actual)[] all = [.. pairs];
        return new Comparison(kind, what, source, [.. all.Select(p => p.Predicted)], [.. all.Select(p => p.Actual)]);
    }
}
