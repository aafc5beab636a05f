using System.Runtime.InteropServices;

namespace Haq.Engine.Onnx;

/// <summary>Numbers that do not change any more: many of them lie in a file that is mapped, few in memory. Whoever reads a span of them keeps what they belong to. Safe for concurrent use.</summary>
internal sealed class MappedNumbers<T> where T : unmanaged
{
    // Bytes from which on a file is worth its while.
    private const int Worth = 1 << 20;

    private readonly T[] _few;
    private readonly MappedBytes? _many;

    private MappedNumbers(T[] few, MappedBytes? many) => (_few, _many) = (few, many);

    /// <summary>A copy of numbers.</summary>
    public static MappedNumbers<T> Of(ReadOnlySpan<T> numbers)
    {
        var bytes = MemoryMarshal.AsBytes(numbers);
        return bytes.Length >= Worth && MappedBytes.Store(bytes) is { } many ? new MappedNumbers<T>([], many) : new MappedNumbers<T>(numbers.ToArray(), null);
    }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<T> Span => _many is null ? _few : MemoryMarshal.Cast<byte, T>(_many.GetSpan());

    /// <summary>They are in a file.</summary>
    public bool IsInFile => _many is not null;
}
