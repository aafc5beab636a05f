using System.Runtime.CompilerServices;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>
/// The DRAM traffic of one tensor while loops are put around its tile, inner to outer. As long as what the loops touch fits half the buffer it is kept;
/// from the loop that breaks this on, every further loop fetches it again.
/// </summary>
internal readonly struct TensorTraffic
{
    private readonly bool _isKept;

    private TensorTraffic(long bits, long resident, bool isKept) => (Bits, Resident, _isKept) = (bits, resident, isKept);

    /// <summary>One tile.</summary>
    public TensorTraffic(long tileBits) : this(tileBits, tileBits, isKept: true) { }

    /// <summary>Bits that move in all.</summary>
    public long Bits { get; }

    /// <summary>Bits that the buffer holds at a time: what must be there before work can start.</summary>
    public long Resident { get; }

    /// <summary>With one more loop of <paramref name="trips"/> around it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TensorTraffic Inside(long trips, bool depends, long halfBuffer)
    {
        if (!_isKept) return new TensorTraffic(checked(Bits * trips), Resident, isKept: false);
        if (!depends) return this;
        long bits = checked(Bits * trips);
        return bits > halfBuffer ? new TensorTraffic(bits, Resident, isKept: false) : new TensorTraffic(bits, bits, isKept: true);
    }
}
