using System.Collections.Immutable;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>One array of a source.</summary>
/// <param name="Name">Its name; empty where the format has none.</param>
/// <param name="Input">The model's input that the manifest says it feeds, or null.</param>
/// <param name="Kind">The type of its elements.</param>
/// <param name="Shape">The shape of one sample.</param>
/// <param name="IsFlat">The shape says nothing but the number of elements.</param>
/// <param name="File">Where it is stored.</param>
internal sealed record SourceArray(string Name, string? Input, ElementKind Kind, ImmutableArray<int> Shape, bool IsFlat, FileReference File)
{
    public int Elements => Shape.Aggregate(1, (product, extent) => checked(product * extent));

    public int Bytes => checked(Elements * ElementKinds.BytesOf(Kind));
}
