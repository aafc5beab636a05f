namespace Haq.Engine.Search.Knapsack;

/// <summary>A partial solution of the core: items decided so far, all others at the relaxation's choice.</summary>
/// <param name="Damage">Of all items.</param>
/// <param name="Cost0">Under the first constraint.</param>
/// <param name="Cost1">Under the second, 0 where there is none.</param>
/// <param name="Cost2">Under the third, 0 where there is none.</param>
/// <param name="Trace">The decision that led here; −1 for none.</param>
internal readonly record struct CoreState(double Damage, double Cost0, double Cost1, double Cost2, int Trace)
{
    /// <summary>The cost under a constraint.</summary>
    public double Cost(int k) => k switch { 0 => Cost0, 1 => Cost1, _ => Cost2 };
}
