namespace Haq.Benchmarks.Reproduction;

/// <summary>What a method is given: cells of a group differ in the method alone, and share one opened network.</summary>
/// <param name="Network">A name of <see cref="ReproducedNetwork"/>.</param>
/// <param name="Hardware">A built-in target.</param>
/// <param name="Quantity">What is bounded.</param>
/// <param name="Budget">A share of 8 bit (for sizes: of the float model) as <c>0.6x</c>, or the cost of a uniform policy as <c>6 bit</c>.</param>
/// <param name="Seed">Of the search, its images and its calibration.</param>
internal sealed record CellGroup(string Network, string Hardware, Quantity Quantity, string Budget, int Seed)
{
    /// <summary>Policies that HAQ's agent tries.</summary>
    public int Episodes { get; init; } = CellPlan.Episodes;

    /// <summary>The network that the agent was trained on before; null to begin anew.</summary>
    public string? Teacher { get; init; }

    /// <summary>Epochs of training after the choice; 0 for none.</summary>
    public int Epochs { get; init; }

    /// <summary>The bits of a budget that is a uniform policy's cost; null for a share.</summary>
    public int? UniformBits => Budget.EndsWith(" bit", StringComparison.Ordinal) ? int.Parse(Budget[..^4], System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Quantity.Key()} {Network} {Hardware} {Budget} seed {Seed}{(Teacher is null ? "" : $", agent of {Teacher}")}{(Epochs == 0 ? "" : $", {Epochs} epochs")}";
}
