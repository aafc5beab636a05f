using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>Where the labels are.</summary>
/// <param name="Path">A file of their own (npy, npz, idx, csv), or null when they are in the data file.</param>
/// <param name="Array">The array's name in an .npz.</param>
/// <param name="Column">The column's name or number (from 1) in a CSV file.</param>
public sealed record LabelOptions(FileReference? Path = null, string? Array = null, string? Column = null)
{
    /// <summary>Added to every label: −1 where they start at 1 and classes at 0, 1 where class 0 has no samples.</summary>
    public int Offset { get; init; }
}
