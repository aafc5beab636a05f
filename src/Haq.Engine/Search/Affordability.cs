using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>Finds a policy that keeps every limit, or says that there is none and what each limit could be.</summary>
public static class Affordability
{
    /// <summary>An affordable policy with as many bits as the budget buys.</summary>
    /// <exception cref="HaqException">No policy keeps all limits.</exception>
    public static Policy Policy(SearchSpace space, CostTable costs, Budget budget, SourceLocation? location = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        var widest = space.Widest;
        if (BudgetProjection.Nearest(space, costs, budget, widest) is { } policy) return policy;
        var floors = CostDimension.Of(space, costs, budget).Select(d => (d.Name, Least: d.Least(space))).ToArray();
        string list = string.Join(", ", floors.Select(f => $"{f.Name} can go down to {Format(f.Name, f.Least, costs.FixedBits)}"));
        string message = floors.Length > 1 ? $"no policy keeps all limits at once; alone, {list}. Loosen one of them." : $"no policy is within the budget: {list}. Allow that much.";
        throw DiagnosticCatalog.NothingAffordable.Error(location, message);
    }

    private static string Format(string name, double least, long fixedBits) => name switch
    {
        "latency" => string.Create(CultureInfo.InvariantCulture, $"{least * 1e3:0.####} ms"),
        "energy" => string.Create(CultureInfo.InvariantCulture, $"{least * 1e-9:0.####} mJ"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(least + fixedBits) / 8e6:0.####} MB"),
    };
}
