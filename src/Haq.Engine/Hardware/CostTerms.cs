namespace Haq.Engine.Hardware;

/// <summary>How many cycles each resource is busy with a layer, were it alone. All zero where the parts are not known.</summary>
public readonly record struct CostTerms(long Compute, long WeightFetch, long ActivationFetch, long OutputWrite)
{
    /// <summary>The resource that is busy longest; the earlier one on a tie.</summary>
    public Bound Largest
    {
        get
        {
            long most = Math.Max(Math.Max(Compute, WeightFetch), Math.Max(ActivationFetch, OutputWrite));
            if (most == 0) return Bound.Unknown;
            if (most == Compute) return Bound.Compute;
            if (most == WeightFetch) return Bound.WeightFetch;
            return most == ActivationFetch ? Bound.ActivationFetch : Bound.OutputWrite;
        }
    }
}
