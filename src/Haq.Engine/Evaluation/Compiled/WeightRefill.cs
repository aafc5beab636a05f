using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A layer's weights as the integers that they are, and a scale for each output channel: two initializers.</summary>
internal static class WeightRefill
{
    /// <summary>The integers.</summary>
    /// <param name="Placeholder">Whose.</param>
    /// <param name="Name">The initializer's name.</param>
    /// <param name="Source">Which of the weights stands at each place; −1 for zero.</param>
    /// <param name="Room">For what is kept of weights.</param>
    internal sealed record Codes(Placeholder Placeholder, string Name, int[] Source, PieceRoom Room) : IRefill
    {
        private readonly ConditionalWeakTable<QuantizedWeights, ReferringMessage> _pieces = [];

        public ReferringMessage Piece(QuantizedModel quantized, GraphView real) => Room.Get(_pieces, Placeholder.Source(quantized)!, Make);

        private ReferringMessage Make(QuantizedWeights weights)
        {
            byte[] bytes = new byte[Source.Length * sizeof(short)];
            var codes = MemoryMarshal.Cast<byte, short>(bytes.AsSpan());
            var values = weights.Values;
            for (int i = 0; i < Source.Length; i++) codes[i] = Source[i] < 0 ? (short)0 : values[Source[i]];
            GC.KeepAlive(weights);
            return Room.Piece(TensorData.OfBytes(Name, TensorProto.Types.DataType.Int16, [Source.Length], bytes));
        }
    }

    /// <summary>The scales; channels that only fill up the last block have none.</summary>
    /// <param name="Placeholder">Whose.</param>
    /// <param name="Name">The initializer's name.</param>
    /// <param name="Count">Channels, those included.</param>
    internal sealed record Scales(Placeholder Placeholder, string Name, int Count) : IRefill
    {
        public ReferringMessage Piece(QuantizedModel quantized, GraphView real)
        {
            float[] scales = new float[Count];
            Placeholder.Source(quantized)!.Scales.CopyTo(scales);
            return ReferringMessage.Of([TensorData.Of(Name, [Count], scales)], inFiles: false);
        }
    }
}
