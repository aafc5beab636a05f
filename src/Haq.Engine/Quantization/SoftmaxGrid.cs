using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;

namespace Haq.Engine.Quantization;

/// <summary>
/// The grid of what a softmax makes. ONNX Runtime's integer softmax (QLinearSoftmax, seen in 1.31.1) cuts the inverse of its result's scale to an integer: with any other scale it
/// computes on another grid than the file says (35 to 45 dB). A scale of one over an integer is exact, and differs from what was asked by less than itself.
/// </summary>
internal static class SoftmaxGrid
{
    private const int MostInverse = 1 << 20;

    /// <summary>That quantizer, or for the result of a softmax the next coarser one whose scale is one over an integer.</summary>
    public static Quantizer Of(GraphView view, string tensor, Quantizer asked)
    {
        if (asked.Bits > Bitwidth.Eight || asked.Scale > 1 || asked.Scale < 1f / MostInverse || !IsMadeBySoftmax(view, tensor)) return asked;
        int inverse = (int)Math.Floor((1 + 1e-6) / asked.Scale);
        // What is cut is 1/scale in 32-bit reals, which must not come out below.
        float scale = 1f / inverse;
        while (1f / scale < inverse) scale = MathF.BitDecrement(scale);
        return new Quantizer(scale, asked.ZeroPoint, asked.Range);
    }

    private static bool IsMadeBySoftmax(GraphView view, string tensor)
    {
        var producer = view.ProducerOf(tensor);
        while (producer is not null && OpFacts.KeepsValues(producer)) producer = view.ProducerOf(producer.Input[0]);
        return producer is not null && producer.Is(OpNames.Softmax);
    }
}
