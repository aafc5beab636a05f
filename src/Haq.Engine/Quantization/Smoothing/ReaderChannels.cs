using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>Which channel a layer's weights read, and which they write, by their position in storage order.</summary>
/// <param name="InputsFirst">The first extent is the channels that are read.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="PerGroup">Channels that one output channel reads.</param>
/// <param name="Inner">Weights of one pair of channels.</param>
/// <param name="Groups">Groups of a convolution.</param>
internal sealed record ReaderChannels(bool InputsFirst, int Outputs, int PerGroup, int Inner, int Groups)
{
    /// <summary>Those of a layer that takes factors for so many channels.</summary>
    public static ReaderChannels Of(FoundLayer found, int channels)
    {
        bool inputsFirst = !found.Node.Is(OpNames.Conv) && found.Node.Int("transB", 0) == 0;
        int outputs = (int)found.WeightShape[inputsFirst ? 1 : 0], perGroup = (int)found.WeightShape[inputsFirst ? 0 : 1];
        long count = found.WeightShape.Aggregate(1L, (product, extent) => product * extent);
        return new ReaderChannels(inputsFirst, outputs, perGroup, (int)(count / outputs / perGroup), channels / perGroup);
    }

    /// <summary>The channel that the weight at a position is multiplied with.</summary>
    public int ChannelOf(int position) => InputsFirst
        ? position / Outputs
        : position / Inner % PerGroup + position / (Inner * PerGroup) / (Outputs / Groups) * PerGroup;

    /// <summary>The output channel that the weight at a position belongs to.</summary>
    public int OutputOf(int position) => InputsFirst ? position % Outputs : position / (Inner * PerGroup);
}
