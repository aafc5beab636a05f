namespace Haq.Engine.Reporting.Comparison;

/// <summary>A figure before and after; null on a side that does not have it.</summary>
/// <param name="Old">Before.</param>
/// <param name="New">After.</param>
public sealed record Change<T>(T? Old, T? New)
{
    /// <summary>The sides differ.</summary>
    public bool IsChange => !EqualityComparer<T?>.Default.Equals(Old, New);
}
