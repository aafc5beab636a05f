using System.Runtime.InteropServices;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Counts what is infinite or not a number in tensors of 32-bit reals, whatever their size, without keeping them.</summary>
internal static class FiniteValues
{
    private const uint Exponent = 0x7F80_0000;

    /// <summary>How many values of <paramref name="tensor"/> are infinite or not a number.</summary>
    /// <exception cref="Diagnostics.HaqException">Its data cannot be read (HAQ0304, HAQ0305).</exception>
    public static long CountOthers(GraphView view, TensorProto tensor)
    {
        long others = 0;
        if (ExternalData.Holds(tensor)) view.Model.External.Stream(tensor, piece => others += CountOthers(piece.Span));
        else others = CountOthers(TensorData.Bytes(tensor).Span);
        GC.KeepAlive(tensor);
        return others;
    }

    private static long CountOthers(ReadOnlySpan<byte> bytes)
    {
        long others = 0;
        foreach (uint bits in MemoryMarshal.Cast<byte, uint>(bytes)) if ((bits & Exponent) == Exponent) others++;
        return others;
    }
}
