namespace Haq.Engine.Search.Regions;

/// <summary>What a search over plans is for.</summary>
/// <param name="MostSeconds">The greatest time of a file, given the float network's; null for none.</param>
/// <param name="LeastDamage">The least damage within that time is wanted, and not the least time.</param>
public sealed record RegionGoal(Func<double, double>? MostSeconds = null, bool LeastDamage = false)
{
    /// <summary>Ratios of times within this of each other are taken as equal.</summary>
    public double Margin { get; init; } = 0.02;

    /// <summary>Files that are profiled to learn what units and borders cost.</summary>
    public int MostProfiles { get; init; } = 8;
}
