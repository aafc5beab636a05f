using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Weights;

/// <summary>
/// The pairs of products that x64 processors without VNNI add in 16 bits. Their instruction for products of unsigned by signed bytes (VPMADDUBSW, Intel SDM vol. 2) adds two of them and saturates at
/// −32,768..32,767, and ONNX Runtime (1.31.1, AVX2 and plain AVX-512) feeds it neighbours along the summed axis: of a convolution first by place in
/// the kernel, then by channel. A sum of two products of
/// 255 with 8-bit weights may not fit; what is lost is lost in silence.
/// </summary>
/// <param name="Channels">Input channels of a group, or the length of the rows of a product.</param>
/// <param name="Places">Elements of the kernel.</param>
internal readonly record struct PairSums(int Channels, int Places)
{
    /// <summary>What a pair of weights of one sign may add up to: 255 · 128 fits 16 bits, 255 · 129 does not.</summary>
    public const int Most = 128;

    /// <summary>The widest activations whose products fit whatever the weights: 2 · 127 · 127 does.</summary>
    public const int HarmlessActivations = 7;

    /// <summary>The widest weights whose products fit whatever the activations: 2 · 255 · 63 does.</summary>
    public const int HarmlessWeights = 7;

    /// <summary>
    /// The pairs of a layer; null where ONNX Runtime has none: depthwise convolutions widen each product, transposed ones have no integer kernel,
    /// and with the weights on the left it is the activations
    /// that are taken as signed, without loss.
    /// </summary>
    public static PairSums? Of(FoundLayer found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var shape = found.Layer.Shape;
        bool depthwise = shape.Groups > 1 && shape.Groups == shape.In && shape.In == shape.Out;
        if (depthwise || shape.Op == OpKind.ConvTranspose || found.WeightInput != 1) return null;
        return new PairSums(shape.In / shape.Groups, checked((int)shape.KernelElements));
    }

    /// <summary>The greatest magnitude of one sign that a pair of an output channel's weights adds up to.</summary>
    /// <param name="weights">The channel's integers in storage order: channel by channel, each with its places.</param>
    public int Worst(ReadOnlySpan<short> weights)
    {
        int worst = 0;
        for (int k = 0; k < weights.Length; k += 2)
        {
            int first = weights[Place(k)], second = k + 1 < weights.Length ? weights[Place(k + 1)] : 0;
            worst = Math.Max(worst, Math.Max(Math.Max(first, 0) + Math.Max(second, 0), -(Math.Min(first, 0) + Math.Min(second, 0))));
        }
        return worst;
    }

    /// <summary>Brings the pairs that exceed <see cref="Most"/> down to it, the greater of the two weights first.</summary>
    public void Trim(Span<short> weights)
    {
        for (int k = 0; k + 1 < weights.Length; k += 2)
        {
            ref short first = ref weights[Place(k)];
            ref short second = ref weights[Place(k + 1)];
            while (first * second > 0 && Math.Abs(first + second) > Most)
            {
                ref short greater = ref Math.Abs(first) >= Math.Abs(second) ? ref first : ref second;
                greater -= (short)Math.Sign(greater);
            }
        }
    }

    private int Place(int k) => k % Channels * Places + k / Channels;
}
