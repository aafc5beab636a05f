namespace Haq.Engine.Hardware;

/// <summary>The word for a <see cref="Bound"/> in every table, file and report.</summary>
public static class BoundLabel
{
    /// <summary>For example <c>weight-fetch</c>.</summary>
    public static string Label(this Bound bound) => bound switch
    {
        Bound.Compute => "compute",
        Bound.WeightFetch => "weight-fetch",
        Bound.ActivationFetch => "activation-fetch",
        Bound.OutputWrite => "output-write",
        _ => "unknown",
    };
}
