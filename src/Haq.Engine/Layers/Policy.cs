using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Haq.Engine.Layers;

/// <summary>One pair of bit-widths per layer. Immutable; equal by content; safe to share between threads.</summary>
public sealed class Policy : IEquatable<Policy>
{
    private readonly ImmutableArray<LayerBits> _bits;

    /// <summary>A policy with the given bits, by <see cref="QuantizableLayer.Index"/>.</summary>
    public Policy(ImmutableArray<LayerBits> bits) => _bits = bits;

    /// <summary>The same bits for all of <paramref name="layers"/> layers.</summary>
    public static Policy Uniform(int layers, LayerBits bits) => new([.. Enumerable.Repeat(bits, layers)]);

    /// <summary>Number of layers.</summary>
    public int Count => _bits.Length;

    /// <summary>The bits of the layer with that index.</summary>
    public LayerBits this[int layer] => _bits[layer];

    /// <summary>All bits, by layer index.</summary>
    public ReadOnlySpan<LayerBits> Bits => _bits.AsSpan();

    /// <summary>This policy with the bits of one layer replaced.</summary>
    public Policy With(int layer, LayerBits bits) => new(_bits.SetItem(layer, bits));

    /// <summary>SHA-256 over (weights, activations) of every layer, as 64 lower-case hexadecimal digits.</summary>
    public string Digest
    {
        get
        {
            byte[] content = new byte[_bits.Length * 2 + 4];
            BinaryPrimitives.WriteInt32LittleEndian(content, _bits.Length);
            for (int i = 0; i < _bits.Length; i++)
            {
                content[4 + 2 * i] = (byte)_bits[i].Weights.Bits;
                content[5 + 2 * i] = (byte)_bits[i].Activations.Bits;
            }
            return Convert.ToHexStringLower(SHA256.HashData(content));
        }
    }

    /// <inheritdoc/>
    public bool Equals(Policy? other) => other is not null && Bits.SequenceEqual(other.Bits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Policy);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var bits in _bits) hash.Add(bits);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', _bits);
}
