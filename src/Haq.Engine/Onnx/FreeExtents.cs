using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Two sizes for every extent that the inputs leave free.</summary>
internal sealed class FreeExtents
{
    private readonly Dictionary<(long, long), string?> _names = [];
    private readonly Dictionary<string, (long First, long Second)> _chosen = new(StringComparer.Ordinal);

    /// <summary>Sizes that most networks take.</summary>
    public FreeExtents(GraphView view)
    {
        foreach (var input in view.Inputs)
        {
            if (input.Type?.TensorType?.Shape is not { } shape) continue;
            long[] declared = [.. shape.Dim.Select(d => d.DimValue)];
            // Maps are halved five times in many networks; batches and sequences may be anything. Different extents get different sizes.
            Take(input, declared, (i, n) => i >= 2 && declared.Length == 4 ? (224L + 64 * n, 416L + 64 * n) : (2L + 2 * n, 3L + 4 * n));
        }
    }

    /// <summary>The sizes of an example, and others for the extents that are in <paramref name="varied"/>.</summary>
    public FreeExtents(GraphView view, IReadOnlyDictionary<string, long[]> example, HashSet<string> varied)
    {
        foreach (var input in view.Inputs)
        {
            if (!example.TryGetValue(input.Name, out long[]? sizes)) continue;
            bool anyRank = input.Type?.TensorType?.Shape is null;
            long[] declared = anyRank ? new long[sizes.Length] : [.. input.Type!.TensorType.Shape.Dim.Select(d => d.DimValue)];
            if (declared.Length != sizes.Length) continue;
            Take(input, declared, (i, n) => (sizes[i], varied.Contains(KeyOf(input, i)) ? sizes[i] + (i >= 2 && sizes.Length == 4 ? 192 + 64 * n : 2 + 2 * n) : sizes[i]));
        }
    }

    /// <summary>Some extent has two different sizes.</summary>
    public bool Any => _chosen.Values.Any(c => c.First != c.Second);

    /// <summary>Every free extent: its symbol, or where it is.</summary>
    public IReadOnlyCollection<string> Keys => _chosen.Keys;

    /// <summary>Shapes of the inputs.</summary>
    public Dictionary<string, long[]> First { get; } = new(StringComparer.Ordinal);

    /// <summary>The same with other sizes.</summary>
    public Dictionary<string, long[]> Second { get; } = new(StringComparer.Ordinal);

    /// <summary>The symbol that an extent of these two sizes has; null where it cannot be told.</summary>
    public string? NameOf(long first, long second) => _names.GetValueOrDefault((first, second));

    private static string SymbolOf(ValueInfoProto input, int axis) => input.Type?.TensorType?.Shape is { } shape ? shape.Dim[axis].DimParam : "";

    private static string KeyOf(ValueInfoProto input, int axis) => SymbolOf(input, axis) is { Length: > 0 } symbol ? symbol : $"{input.Name}[{axis}]";

    private void Take(ValueInfoProto input, long[] declared, Func<int, int, (long, long)> sizesOf)
    {
        long[] first = [.. declared], second = [.. declared];
        for (int i = 0; i < declared.Length; i++)
        {
            if (declared[i] > 0) continue;
            string symbol = SymbolOf(input, i), key = KeyOf(input, i);
            if (!_chosen.TryGetValue(key, out var sizes)) sizes = _chosen[key] = sizesOf(i, _chosen.Count);
            (first[i], second[i]) = sizes;
            // Extents without a name, or of equal sizes, cannot be told from the result's.
            _names[sizes] = _names.TryGetValue(sizes, out string? known) && known != symbol ? null : symbol.Length > 0 ? symbol : null;
        }
        First[input.Name] = first;
        Second[input.Name] = second;
    }
}
