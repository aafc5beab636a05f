using System.Collections.Immutable;

namespace Haq.Engine.Onnx;

/// <summary>Element type and extents of a tensor; every extent is known.</summary>
public sealed record TensorType(DataType Type, ImmutableArray<long> Shape)
{
    /// <summary>A tensor type of those extents.</summary>
    public static TensorType Of(DataType type, ReadOnlySpan<long> shape) => new(type, [.. shape]);

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Length;

    /// <summary>Number of elements.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long extent in Shape) count = checked(count * extent);
            return count;
        }
    }

    /// <inheritdoc/>
    public bool Equals(TensorType? other) => other is not null && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Shape.Length, Shape.Length > 0 ? Shape[^1] : 0);

    /// <summary>For example <c>float[1,3,224,224]</c>.</summary>
    public override string ToString() => $"{ElementTypes.NameOf(Type)}[{string.Join(',', Shape)}]";
}
