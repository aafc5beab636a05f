using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Numerics;

/// <summary>
/// xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64: the same numbers on every machine and runtime.
/// Not safe for concurrent use: <see cref="Fork"/> one per consumer.
/// </summary>
public sealed class SeededRandom
{
    private readonly ulong _seed;
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>A generator for <paramref name="seed"/>.</summary>
    public SeededRandom(ulong seed)
    {
        _seed = seed;
        ulong z = seed;
        _s0 = SplitMix(ref z);
        _s1 = SplitMix(ref z);
        _s2 = SplitMix(ref z);
        _s3 = SplitMix(ref z);
    }

    private SeededRandom(ulong seed, ReadOnlySpan<ulong> state)
    {
        _seed = seed;
        (_s0, _s1, _s2, _s3) = (state[0], state[1], state[2], state[3]);
    }

    /// <summary>An independent generator for one purpose; depends on this one's seed and the name, not on how much was drawn.</summary>
    public SeededRandom Fork(string purpose)
    {
        Span<byte> hash = stackalloc byte[32];
        byte[] text = Encoding.UTF8.GetBytes($"{_seed:x16}/{purpose}");
        SHA256.HashData(text, hash);
        return new SeededRandom(BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <summary>Seed and state, for a checkpoint; five numbers.</summary>
    public ulong[] Save() => [_seed, _s0, _s1, _s2, _s3];

    /// <summary>The generator that <see cref="Save"/> described.</summary>
    /// <exception cref="ArgumentException">Not five numbers.</exception>
    public static SeededRandom Restore(ReadOnlySpan<ulong> saved)
    {
        if (saved.Length != 5) throw new ArgumentException("expected five numbers", nameof(saved));
        return new SeededRandom(saved[0], saved[1..]);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="bound"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(Math.BigMul(NextBits(), (ulong)bound, out _));
    }

    /// <summary>Normal with mean 0 and deviation 1 (Box-Muller, one of the pair).</summary>
    public double NextNormal() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>A uniformly random order of 0..<paramref name="count"/>-1 (Fisher-Yates).</summary>
    public int[] Permutation(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            int j = Next(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static ulong SplitMix(ref ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        ulong x = z;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
