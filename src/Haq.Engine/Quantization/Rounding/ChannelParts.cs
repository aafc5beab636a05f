using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>
/// Which of a layer's groups read which of its weights. Where a scale's channel is an output channel, all of its weights belong to one group. In a transposed convolution the weights of channel c
/// hold output channel c of every group, one after the other.
/// </summary>
internal readonly record struct ChannelParts(ChannelLayout Layout, int Groups, bool Transposed)
{
    /// <summary>The parts of a layer's weights.</summary>
    public static ChannelParts Of(FoundLayer found) => new(
        ChannelLayout.Of(found.WeightShape.AsSpan(), found.OutputChannelAxis), found.Layer.Shape.Groups, found.Layer.Shape.Op == OpKind.ConvTranspose);

    /// <summary>Output channels of the layer.</summary>
    public int Outputs => Transposed ? Layout.Channels * Groups : Layout.Channels;

    /// <summary>Weights of one output channel.</summary>
    public int PerOutput => Transposed ? Layout.PerChannel / Groups : Layout.PerChannel;

    /// <summary>The group that makes an output channel.</summary>
    public int GroupOf(int output) => output / (Outputs / Groups);

    /// <summary>The scale's channel of an output channel.</summary>
    public int ChannelOf(int output) => Transposed ? output % Layout.Channels : output;

    /// <summary>Copies the weights of an output channel, in the order of the vectors that they are multiplied with.</summary>
    public void Gather<T>(ReadOnlySpan<T> tensor, int output, Span<T> values)
    {
        var (rows, inner, channel, first) = Place(output);
        for (int r = 0; r < rows; r++) tensor.Slice(((first + r) * Layout.Channels + channel) * inner, inner).CopyTo(values[(r * inner)..]);
    }

    /// <summary>Copies the weights of an output channel back.</summary>
    public void Scatter<T>(ReadOnlySpan<T> values, int output, Span<T> tensor)
    {
        var (rows, inner, channel, first) = Place(output);
        for (int r = 0; r < rows; r++) values.Slice(r * inner, inner).CopyTo(tensor[(((first + r) * Layout.Channels + channel) * inner)..]);
    }

    private (int Rows, int Inner, int Channel, int First) Place(int output)
    {
        int rows = Transposed ? Layout.Outer / Groups : Layout.Outer;
        return (rows, Layout.Inner, ChannelOf(output), Transposed ? GroupOf(output) * rows : 0);
    }
}
