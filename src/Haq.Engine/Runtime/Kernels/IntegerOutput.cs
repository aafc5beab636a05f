using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// What becomes of integer sums: y = clamp(sum · multiplier + bias + addend, low, high), each operation rounded by itself, so that every machine writes the same numbers.
/// </summary>
internal unsafe struct IntegerOutput
{
    /// <summary>Of sixteen channels.</summary>
    public float* Multipliers;

    /// <summary>Of sixteen channels.</summary>
    public float* Biases;

    public float Low, High;

    /// <summary>Numbers from one pixel to the next.</summary>
    public int Pixel;

    /// <summary>Where the second eight channels lie from the first; 0 where there are none.</summary>
    public nint Second;

    /// <summary>The map that is added, bytes from the one that is written; 0 for none.</summary>
    public nint Addend;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(float* y, Vector256<int> first, Vector256<int> second)
    {
        Write(y, first, 0);
        Write(y + Second, second, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(float* y, Vector256<int> sums) => Write(y, sums, 0);

    /// <summary>What becomes of sums without an addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scaled(Vector256<int> sums, Vector256<float> multiplier, Vector256<float> bias, Vector256<float> low, Vector256<float> high) =>
        Avx.Min(Avx.Max(Avx.Add(Avx.Multiply(Avx.ConvertToVector256Single(sums), multiplier), bias), low), high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Write(float* y, Vector256<int> sums, int channel)
    {
        var value = Avx.Add(Avx.Multiply(Avx.ConvertToVector256Single(sums), Vector256.Load(Multipliers + channel)), Vector256.Load(Biases + channel));
        if (Addend != 0) value = Avx.Add(value, Vector256.Load((float*)((byte*)y + Addend)));
        Avx.Min(Avx.Max(value, Vector256.Create(Low)), Vector256.Create(High)).Store(y);
    }
}
