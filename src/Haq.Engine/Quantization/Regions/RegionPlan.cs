using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Quantization.Regions;

/// <summary>Which units of a network are computed in integers. Immutable; equal by content.</summary>
public sealed class RegionPlan : IEquatable<RegionPlan>
{
    private readonly ImmutableArray<bool> _integer;

    /// <summary>A plan.</summary>
    /// <param name="integer">By unit: in integers.</param>
    public RegionPlan(ImmutableArray<bool> integer) => _integer = integer;

    /// <summary>Number of units.</summary>
    public int Count => _integer.Length;

    /// <summary>Units in integers.</summary>
    public int Integers => _integer.Count(i => i);

    /// <summary>The unit is computed in integers.</summary>
    public bool this[int unit] => _integer[unit];

    /// <summary>The plan with one unit changed.</summary>
    public RegionPlan With(int unit, bool integer) => new(_integer.SetItem(unit, integer));

    /// <summary>SHA-256 of the choice.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ToString())));

    /// <inheritdoc/>
    public bool Equals(RegionPlan? other) => other is not null && _integer.AsSpan().SequenceEqual(other._integer.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RegionPlan);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>A character per unit: <c>i</c> in integers, <c>-</c> in floating point.</summary>
    public override string ToString() => string.Concat(_integer.Select(i => i ? 'i' : '-'));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static RegionPlan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new([.. text.Select(c => c == 'i')]);
    }
}
