using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search.Knapsack;

/// <summary>Finds a policy that keeps every limit, or says that there is none and what each limit could be.</summary>
public static class Affordability
{
    private const int NamedLayers = 3;

    // Rounding up to four digits keeps what is suggested readable and feasible.
    private const double Digits = 1e4;

    /// <summary>An affordable policy with as many bits as the budget buys.</summary>
    /// <param name="space">The choices.</param>
    /// <param name="costs">What each costs.</param>
    /// <param name="budget">The limits.</param>
    /// <param name="location">Where the limits are written, for the error.</param>
    /// <param name="names">The layers' names, by index, for the error; null where they are not known.</param>
    /// <exception cref="HaqException">No policy keeps all limits (HAQ0604).</exception>
    public static Policy Policy(SearchSpace space, CostTable costs, Budget budget, SourceLocation? location = null, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        if (BudgetProjection.Nearest(space, costs, budget, space.Widest) is { } policy) return policy;
        var dimensions = CostDimension.Of(space, costs, budget);
        string list = string.Join(", ", dimensions.Select(d => $"{d.Name} can go down to {Format(d.Name, d.Total(costs, d.Cheapest(space)), costs)}"));
        string message = dimensions.Count > 1
            ? $"no policy keeps all limits at once; alone, {list}. {Nearest(space, costs, budget, dimensions, names)}"
            : $"no policy is within the budget: {list}. Allow that much.";
        throw DiagnosticCatalog.NothingAffordable.Error(location, message);
    }

    // For each limit, the least value with which all the others can be kept.
    private static string Nearest(SearchSpace space, CostTable costs, Budget budget, IReadOnlyList<CostDimension> dimensions, IReadOnlyList<string>? names)
    {
        var ways = new List<string>();
        foreach (var dimension in dimensions)
        {
            if (new PolicyKnapsack(space, costs, Without(budget, dimension.Name), dimension.Cost).Solve() is not { } least) continue;
            ways.Add($"{dimension.Name} {Format(dimension.Name, dimension.Total(costs, least.Policy), costs)}{HeldUpBy(dimension, least.Policy, names)}");
        }
        return ways.Count == 0 ? "Loosen more than one of them." : $"With the others as they are, allow {string.Join(", or ", ways)}.";
    }

    private static string HeldUpBy(CostDimension dimension, Policy policy, IReadOnlyList<string>? names)
    {
        if (names is null) return "";
        var spent = names.Select((name, layer) => (Name: name, Cost: dimension.Cost(layer, policy[layer]))).OrderByDescending(l => l.Cost).ToArray();
        double total = spent.Sum(s => s.Cost);
        var most = spent.Take(NamedLayers).Select(s => string.Create(CultureInfo.InvariantCulture, $"'{s.Name}' {s.Cost / total:P0}"));
        return $" (held up by {string.Join(", ", most)})";
    }

    private static Budget Without(Budget budget, string name) => name switch
    {
        "latency" => budget with { LatencySeconds = null },
        "energy" => budget with { EnergyJoules = null },
        "file-size" => budget with { FileBits = null },
        _ => budget with { SizeBits = null },
    };

    private static string Format(string name, double least, CostTable costs) => name switch
    {
        "latency" => string.Create(CultureInfo.InvariantCulture, $"{RoundUp(least * 1e3)} ms"),
        "energy" => string.Create(CultureInfo.InvariantCulture, $"{RoundUp(least * 1e-9)} mJ"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{RoundUp((least + (name == "file-size" ? costs.File!.FixedBits : costs.FixedBits)) / 8e6)} MB"),
    };

    private static double RoundUp(double value)
    {
        if (!(value > 0)) return 0;
        double scale = Digits / Math.Pow(10, Math.Ceiling(Math.Log10(value)));
        // What is a short number already must not become the next one by a rounding.
        return Math.Ceiling(value * scale * (1 - 1e-12)) / scale;
    }
}
