using System.Runtime.CompilerServices;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Serialized weights that are kept for the next policy with the same ones, so many bytes of them; others are made anew each time. Safe for concurrent use.
/// </summary>
/// <param name="bytes">How many.</param>
/// <param name="inFiles">They are kept in files.</param>
internal sealed class PieceRoom(long bytes, bool inFiles)
{
    // A few widths of eight million weights in memory. The weights of a larger network are held often enough as it is: in files, a few widths of forty million.
    private const long MostOfAll = 96L << 20, MostOfOne = 32L << 20, MostInFiles = 512L << 20;

    private long _left = bytes;

    /// <summary>Room for networks with so many weights in layers.</summary>
    public static PieceRoom For(long weights, bool mayUseFiles) =>
        weights * sizeof(float) <= MostOfOne ? new PieceRoom(MostOfAll, false) : mayUseFiles ? new PieceRoom(MostInFiles, true) : new PieceRoom(0, false);

    /// <summary>Constants as a piece of a message.</summary>
    public ReferringMessage Piece(params IReadOnlyCollection<TensorProto> constants) => ReferringMessage.Of(constants, inFiles);

    /// <summary>The weights as <paramref name="kept"/> has them, or as <paramref name="make"/> makes them.</summary>
    public ReferringMessage Get(ConditionalWeakTable<QuantizedWeights, ReferringMessage> kept, QuantizedWeights weights, Func<QuantizedWeights, ReferringMessage> make)
    {
        if (kept.TryGetValue(weights, out var known)) return known;
        var piece = make(weights);
        return Take(piece) ? kept.GetValue(weights, _ => piece) : piece;
    }

    /// <summary>Takes room; false where there is not enough.</summary>
    public bool Take(ReferringMessage piece)
    {
        // What the disk did not take is in memory, and is not kept.
        long length = inFiles ? piece.OutsideBytes : piece.Bytes.Length;
        if (inFiles && piece.Bytes.Length > piece.OutsideBytes) return false;
        if (Interlocked.Add(ref _left, -length) >= 0) return true;
        Interlocked.Add(ref _left, length);
        return false;
    }
}
