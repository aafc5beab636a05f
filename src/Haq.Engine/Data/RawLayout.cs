using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Haq.Engine.Data;

/// <summary>How bare values are stored: guessed from the file's length, its name, and what a model takes.</summary>
/// <param name="Kind">The type of a value.</param>
/// <param name="Shape">The shape of one sample.</param>
public sealed record RawLayout(ElementKind Kind, ImmutableArray<int> Shape)
{
    private const int Looked = 1 << 16;

    private static readonly ImmutableArray<string> s_extensions = [".bin", ".raw", ".dat"];

    private static readonly ImmutableArray<(string Word, ElementKind Kind)> s_words =
    [
        ("uint8", ElementKind.Uint8), ("u8", ElementKind.Uint8), ("int8", ElementKind.Int8), ("s8", ElementKind.Int8), ("i8", ElementKind.Int8),
        ("uint16", ElementKind.Uint16), ("int16", ElementKind.Int16), ("float16", ElementKind.Float16), ("fp16", ElementKind.Float16), ("f16", ElementKind.Float16),
        ("int32", ElementKind.Int32), ("float64", ElementKind.Float64), ("float32", ElementKind.Float32), ("fp32", ElementKind.Float32), ("f32", ElementKind.Float32),
    ];

    /// <summary>The name is one that bare values are kept under.</summary>
    public static bool IsRaw(string path) => s_extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The layout of a file of samples; null where its length fits no whole number of them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sample">What the model takes of one sample.</param>
    /// <param name="labels">A file of labels for it, or null.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static RawLayout? Of(string path, ImmutableArray<int> sample, string? labels)
    {
        long length = new FileInfo(path).Length, elements = sample.Aggregate(1L, (product, extent) => product * extent);
        if (length == 0 || elements <= 0 || length % elements != 0) return null;
        if (Named(path) is { } named) return length % (elements * ElementKinds.BytesOf(named)) == 0 ? new RawLayout(named, sample) : null;
        long bytes = labels is not null && IsRaw(labels) && Count(labels) is > 0 and var count && length % (count * elements) == 0 ? length / (count * elements)
            : length % (4 * elements) == 0 && AreReals(path) ? 4 : 1;
        ElementKind? kind = bytes switch
        {
            1 => IsSigned(path) ? ElementKind.Int8 : ElementKind.Uint8,
            2 => ElementKind.Int16,
            4 => AreReals(path) ? ElementKind.Float32 : ElementKind.Int32,
            8 => ElementKind.Float64,
            _ => null,
        };
        return kind is { } found ? new RawLayout(found, sample) : null;
    }

    // The widest type under which all are classes: bytes taken together as a wider integer are huge.
    private static long Count(string labels)
    {
        byte[] start = Start(labels);
        long length = new FileInfo(labels).Length;
        foreach (var (kind, classes) in ((ElementKind, int)[])[(ElementKind.Int64, 1 << 16), (ElementKind.Int32, 1 << 16), (ElementKind.Uint16, 1 << 8)])
        {
            int bytes = ElementKinds.BytesOf(kind);
            if (length % bytes == 0 && Enumerable.Range(0, start.Length / bytes).All(i => ElementKinds.Integer(kind, start, i) is var label && label >= 0 && label < classes)) return length / bytes;
        }
        return length;
    }

    private static ElementKind? Named(string path)
    {
        string[] words = Path.GetFileNameWithoutExtension(path).ToLowerInvariant().Split('_', '-', '.', ' ');
        foreach (var (word, kind) in s_words) if (words.Contains(word)) return kind;
        return null;
    }

    // Neighbours are near each other in the type that they were stored as; in the other they jump by 255 wherever they pass its border.
    private static bool IsSigned(string path)
    {
        byte[] values = Start(path);
        long signed = 0, unsigned = 0;
        for (int i = 1; i < values.Length; i++)
        {
            signed += Math.Abs((sbyte)values[i] - (sbyte)values[i - 1]);
            unsigned += Math.Abs(values[i] - values[i - 1]);
        }
        return signed < unsigned;
    }

    // Bytes read as reals are of every size; what models take is not.
    private static bool AreReals(string path)
    {
        var values = MemoryMarshal.Cast<byte, float>(Start(path));
        foreach (float value in values) if (!float.IsFinite(value) || MathF.Abs(value) > 1e6f || (value != 0 && MathF.Abs(value) < 1e-20f)) return false;
        return values.Length > 0;
    }

    private static byte[] Start(string path)
    {
        using var file = File.OpenRead(path);
        byte[] bytes = new byte[(int)Math.Min(Looked, file.Length)];
        file.ReadExactly(bytes);
        return bytes;
    }
}
