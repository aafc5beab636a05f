using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>A layer's weights as a function of the channels that it reads, for foretelling the noise of its output.</summary>
internal sealed class ReaderWeights
{
    /// <summary>Output channels that stand for all where there are more: their scales are what is estimated.</summary>
    private const int MostOutputs = 64;

    private readonly float[] _weights;
    private readonly ReaderChannels _channels;
    private readonly int _top;

    private ReaderWeights(FoundLayer found, float[] weights, int channels, Bitwidth bits)
    {
        (Layer, _weights, _top, _channels) = (found, weights, IntegerRange.Symmetric(bits).Max, ReaderChannels.Of(found, channels));
    }

    /// <summary>The layer.</summary>
    public FoundLayer Layer { get; }

    /// <summary>Every output channel reads one channel, so that a scale per output channel takes any factor in without a loss.</summary>
    public bool IsDepthwise => _channels.PerGroup == 1;

    /// <summary>
    /// It computes W·(x − offset) + W·offset: nothing is padded with zeros, which an offset would turn into something else, and its bias is a constant or not there yet.
    /// </summary>
    public bool TakesOffsets { get; private init; }

    /// <summary>A convolution, or a product with a constant matrix on the right, whose weights are its own and read that many channels.</summary>
    public static bool TakesFactors(GraphView view, FoundLayer found, int channels)
    {
        bool conv = found.Node.Is(OpNames.Conv), gemm = found.Node.Is(OpNames.Gemm), product = found.Node.Is(OpNames.MatMul);
        if ((!conv && !gemm && !product) || found.WeightInput != 1 || found.IsStack || !found.SharesWeightWith.IsEmpty) return false;
        if ((gemm && found.Node.Int("transA", 0) != 0) || (!conv && found.WeightShape.Length != 2)) return false;
        int groups = conv ? checked((int)found.Node.Int("group", 1)) : 1;
        int axis = conv || found.Node.Int("transB", 0) != 0 ? 1 : 0;
        return found.WeightShape[axis] * groups == channels && view.ConsumersOf(found.Weight).Count == 1 && !view.IsOutput(found.Weight);
    }

    /// <summary>The weights of a layer that takes factors.</summary>
    public static ReaderWeights Of(GraphView view, FoundLayer found, int channels, Bitwidth bits) =>
        new(found, view.Floats(found.Weight)!, channels, bits) { TakesOffsets = AllowsOffsets(view, found) };

    /// <summary>Σ w² over the weights of each channel.</summary>
    public double[] Squares()
    {
        double[] squares = new double[_channels.PerGroup * _channels.Groups];
        for (int i = 0; i < _weights.Length; i++) squares[_channels.ChannelOf(i)] += (double)_weights[i] * _weights[i];
        return squares;
    }

    /// <summary>
    /// The noise that rounding the weights leaves in the output, when channel c is divided by factors[c] and its weights are multiplied by it: Δ²/12 · Σ Var[x]/s² over what each output channel
    /// multiplies, Δ its scale. What the mean makes of it, the bias takes back.
    /// </summary>
    public double Noise(ChannelExtents read, double[] factors)
    {
        var (outputs, perGroup, inner, groups) = (_channels.Outputs, _channels.PerGroup, _channels.Inner, _channels.Groups);
        int stride = Math.Max(1, outputs / MostOutputs), seen = 0;
        double noise = 0;
        double[] power = new double[groups];
        for (int c = 0; c < factors.Length; c++) power[c / perGroup] += inner * read.Variance(c) / (factors[c] * factors[c]);
        for (int o = 0; o < outputs; o += stride)
        {
            int group = o / (outputs / groups);
            double greatest = 0;
            for (int i = 0; i < perGroup; i++)
            {
                for (int k = 0; k < inner; k++)
                    greatest = Math.Max(greatest, Math.Abs(_weights[_channels.InputsFirst ? i * outputs + o : (o * perGroup + i) * inner + k]) * factors[group * perGroup + i]);
            }

            double scale = greatest / _top;
            noise += scale * scale / 12 * power[group];
            seen++;
        }
        return noise * outputs / seen;
    }

    private static bool AllowsOffsets(GraphView view, FoundLayer found)
    {
        if (found.Node.Is(OpNames.MatMul) || (found.Node.Is(OpNames.Gemm) && (found.Node.Float("alpha", 1) != 1 || found.Node.Float("beta", 1) != 1))) return false;
        bool unpadded = found.Node.Text("auto_pad", "NOTSET") is "NOTSET" or "VALID" && (found.Node.Ints("pads") is not { } pads || pads.All(p => p == 0));
        string bias = found.Node.InputAt(2);
        return unpadded && (bias.Length == 0 || view.Floats(bias)?.Length == found.Layer.Shape.Out);
    }
}
