using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Quantization.Places;

/// <summary>What each unit of a network is computed in. Immutable; equal by content.</summary>
public sealed class RegionPlan : IEquatable<RegionPlan>
{
    // By form.
    private const string Letters = "-id84BN";

    private readonly ImmutableArray<UnitForm> _forms;

    /// <summary>A plan.</summary>
    /// <param name="forms">By unit.</param>
    public RegionPlan(ImmutableArray<UnitForm> forms) => _forms = forms;

    /// <summary>A plan of two forms.</summary>
    /// <param name="integer">By unit: in integers, or in floating point.</param>
    public RegionPlan(ImmutableArray<bool> integer) => _forms = [.. integer.Select(i => i ? UnitForm.Integers : UnitForm.Float)];

    /// <summary>Number of units.</summary>
    public int Count => _forms.Length;

    /// <summary>Units whose sums and products are of integers.</summary>
    public int Integers => _forms.Count(f => f is UnitForm.Integers or UnitForm.Dynamic or UnitForm.Blocks8 or UnitForm.Blocks4);

    /// <summary>The unit's form.</summary>
    public UnitForm this[int unit] => _forms[unit];

    /// <summary>The unit reads and makes integers.</summary>
    public bool IsInteger(int unit) => _forms[unit] == UnitForm.Integers;

    /// <summary>The plan with one unit changed.</summary>
    public RegionPlan With(int unit, UnitForm form) => new(_forms.SetItem(unit, form));

    /// <summary>SHA-256 of the choice.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ToString())));

    /// <inheritdoc/>
    public bool Equals(RegionPlan? other) => other is not null && _forms.AsSpan().SequenceEqual(other._forms.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RegionPlan);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// A character per unit: <c>-</c> floating point, <c>i</c> integers, <c>d</c> integers with a scale of every run, <c>8</c> and <c>4</c> blocks
    /// of weights, <c>B</c> rows of bytes, <c>N</c> rows of half bytes.
    /// </summary>
    public override string ToString() => string.Concat(_forms.Select(f => Letters[(int)f]));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">A character is of no form.</exception>
    public static RegionPlan Parse(string text) => TryParse(text) ?? throw new FormatException($"'{text}' has a character of no form");

    /// <summary>The same; null where a character is of no form.</summary>
    public static RegionPlan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.All(c => Letters.Contains(c, StringComparison.Ordinal)) ? new([.. text.Select(c => (UnitForm)Letters.IndexOf(c, StringComparison.Ordinal))]) : null;
    }
}
