using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>NumPy's .npy, versions 1 to 3: a header that is a Python dictionary, then the elements in C or Fortran order.</summary>
/// <remarks>Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html</remarks>
internal static partial class NpyFile
{
    private const int MaxHeader = 1 << 20;

    private static readonly byte[] s_magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The array in <paramref name="store"/>, samples along its first axis; an array without axes is one sample.</summary>
    /// <param name="name">What it is called, for example an entry of an .npz.</param>
    /// <param name="file">For errors.</param>
    /// <param name="store">The bytes; the result keeps it.</param>
    public static SampleArray Read(string name, FileReference file, ByteStore store)
    {
        string what = name.Length == 0 ? "it" : $"array '{name}'";
        var (header, start) = Header(file, store, what);
        var shape = ShapeOf(header, file, what);
        var (kind, isBigEndian) = TypeOf(header, file, what);
        bool isFortran = OrderPattern().Match(header) is { Success: true } order && order.Groups[1].Value == "True";

        int count = shape.Length == 0 ? 1 : shape[0];
        ImmutableArray<int> sample = shape.Length == 0 ? [] : shape.RemoveAt(0);
        if (count == 0) throw DataErrors.Empty(file, $"samples ({what} has the shape {DataErrors.Text(shape)})");
        long elements = sample.Aggregate(1L, (product, extent) => product * extent);
        long bytes = elements * ElementKinds.BytesOf(kind);
        if (bytes > Array.MaxLength) throw DataErrors.WrongFormat(file, $"one sample of {what}, {DataErrors.Text(sample)}, is larger than 2 GB");
        if (store.Length - start < bytes * count)
            throw DataErrors.Damaged(file, $"{what} is truncated: {DataErrors.Text(shape)} of {ElementKinds.NameOf(kind)} needs {bytes * count} bytes, {store.Length - start} are there");
        return isFortran && count > 1 && elements > 1 || isFortran && sample.Count(e => e > 1) > 1
            ? new SampleArray(name, kind, sample, count, FortranOrder.ToC(store, start, shape, ElementKinds.BytesOf(kind)), 0, bytes, isBigEndian)
            : new SampleArray(name, kind, sample, count, store, start, bytes, isBigEndian);
    }

    private static (string Header, long Start) Header(FileReference file, ByteStore store, string what)
    {
        byte[] head = new byte[12];
        store.Read(0, head.AsSpan(0, (int)Math.Min(12, store.Length)));
        if (store.Length < 12 || !head.AsSpan(0, 6).SequenceEqual(s_magic))
            throw DataErrors.WrongFormat(file, $"{what} is not in NumPy's .npy format");
        int version = head[6];
        if (version is < 1 or > 3) throw DataErrors.WrongFormat(file, $"{what} has version {version} of the .npy format; known are 1 to 3");
        int lengthBytes = version == 1 ? 2 : 4;
        long length = version == 1 ? BitConverter.ToUInt16(head, 8) : BitConverter.ToUInt32(head, 8);
        long start = 8 + lengthBytes + length;
        if (length > MaxHeader || start > store.Length) throw DataErrors.Damaged(file, $"{what} is truncated in its header");
        byte[] text = new byte[length];
        store.Read(8 + lengthBytes, text);
        return ((version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text), start);
    }

    private static ImmutableArray<int> ShapeOf(string header, FileReference file, string what)
    {
        if (ShapePattern().Match(header) is not { Success: true } match) throw DataErrors.Damaged(file, $"{what} has no shape in its header");
        var extents = ImmutableArray.CreateBuilder<int>();
        foreach (string part in match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out int extent))
                throw DataErrors.WrongFormat(file, $"{what} has the shape ({match.Groups[1].Value}); extents up to {int.MaxValue} can be read");
            extents.Add(extent);
        }
        return extents.ToImmutable();
    }

    private static (ElementKind Kind, bool IsBigEndian) TypeOf(string header, FileReference file, string what)
    {
        string type = TypePattern().Match(header) is { Success: true } match ? match.Groups[1].Value : "";
        ElementKind? kind = type.Length < 2 ? null : type[1..] switch
        {
            "u1" => ElementKind.Uint8,
            "i1" => ElementKind.Int8,
            "i2" => ElementKind.Int16,
            "u2" => ElementKind.Uint16,
            "i4" => ElementKind.Int32,
            "u4" => ElementKind.Uint32,
            "i8" => ElementKind.Int64,
            "f2" => ElementKind.Float16,
            "f4" => ElementKind.Float32,
            "f8" => ElementKind.Float64,
            "b1" => ElementKind.Bool,
            _ => null,
        };
        if (kind is null || type[0] is not ('<' or '>' or '|' or '='))
        {
            throw DataErrors.WrongFormat(file,
                $"{what} has elements of type '{(type.Length == 0 ? "a structure" : type)}'; bool, integers up to 64 bits (uint64 excepted) and float16, 32, 64 can be read");
        }

        return (kind.Value, type[0] == '>');
    }

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"'descr'\s*:\s*'([^']*)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex OrderPattern();
}
