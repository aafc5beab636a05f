using System.Runtime.CompilerServices;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Serialized weights that are kept for the next policy with the same ones, so many bytes of them; others are made anew each time. Safe for concurrent use.
/// </summary>
/// <param name="bytes">How many.</param>
internal sealed class PieceRoom(long bytes)
{
    // A few widths of eight million weights. A larger network takes little to write anew beside running it, and its weights are held often enough as it is.
    private const long MostOfAll = 96L << 20, MostOfOne = 32L << 20;

    private long _left = bytes;

    /// <summary>Room for networks with so many weights in layers.</summary>
    public static PieceRoom For(long weights) => new(weights * sizeof(float) <= MostOfOne ? MostOfAll : 0);

    /// <summary>The weights as <paramref name="kept"/> has them, or as <paramref name="make"/> makes them.</summary>
    public byte[] Get(ConditionalWeakTable<QuantizedWeights, byte[]> kept, QuantizedWeights weights, Func<QuantizedWeights, byte[]> make)
    {
        if (kept.TryGetValue(weights, out byte[]? known)) return known;
        byte[] piece = make(weights);
        return Take(piece.Length) ? kept.GetValue(weights, _ => piece) : piece;
    }

    /// <summary>Takes room; false where there is not enough.</summary>
    public bool Take(long length)
    {
        if (Interlocked.Add(ref _left, -length) >= 0) return true;
        Interlocked.Add(ref _left, length);
        return false;
    }
}
