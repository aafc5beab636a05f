using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;

namespace Haq.Engine.Quantization;

/// <summary>
/// The grid that a tensor is on already. A second pair of 8 bits behind a first with another grid would lose twice, and ONNX Runtime (seen up to 1.31.1) merges two such pairs onto a third grid that
/// neither of them had, even where it is told to leave pairs alone.
/// </summary>
internal static class ExistingGrid
{
    private static readonly Bitwidth s_eight = new(8);
    private static readonly IntegerRange s_bytes = IntegerRange.Unsigned(s_eight);

    /// <summary>The quantizer of that width, 8 bits, whose results a tensor holds; null where it holds other numbers, or channels on grids of their own, and for other widths.</summary>
    public static Quantizer? Of(GraphView view, string tensor, Bitwidth width)
    {
        if (width != s_eight) return null;
        // ONNX Runtime moves DequantizeLinear over what only moves values.
        var producer = view.ProducerOf(tensor);
        while (producer is not null && OpFacts.KeepsValues(producer)) producer = view.ProducerOf(producer.Input[0]);
        if (producer is null || !producer.Is(OpNames.DequantizeLinear)) return null;
        if (view.Floats(producer.InputAt(1)) is not [var scale] || !(scale > 0) || !float.IsFinite(scale)) return null;
        if (view.ConstantOf(producer.InputAt(2)) is not { } zero || view.Longs(producer.InputAt(2)) is not [var point]) return null;
        return TensorData.TypeOf(zero) switch
        {
            DataType.Uint8 => new Quantizer(scale, (int)point, s_bytes),
            DataType.Int8 => new Quantizer(scale, (int)point + 128, s_bytes),
            _ => null,
        };
    }
}
