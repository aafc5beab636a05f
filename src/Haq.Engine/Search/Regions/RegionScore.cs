namespace Haq.Engine.Search.Regions;

/// <summary>What a plan does to the network's outputs.</summary>
/// <param name="Excess">How far the plan is from what is asked, as a share of it: 0 for float, up to 1 for plans that keep it, more for others.</param>
/// <param name="Damage">A measure that adds up over units: the outputs' noise.</param>
public readonly record struct RegionScore(double Excess, double Damage)
{
    /// <summary>What was asked for is kept.</summary>
    public bool IsKept => Excess <= 1;
}
