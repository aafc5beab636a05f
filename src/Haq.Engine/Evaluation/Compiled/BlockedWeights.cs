namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Where ONNX Runtime puts a convolution's weights for blocked maps, and where the kernels in integers want them. A layout that is not the expected one, number for number, is not used.
/// </summary>
/// <param name="block">Channels of a block.</param>
/// <param name="outputs">Output channels, padded to whole blocks.</param>
/// <param name="inputs">Input channels of each, padded where they are in blocks.</param>
/// <param name="rows">The kernel's rows.</param>
/// <param name="columns">Its columns.</param>
internal sealed class BlockedWeights(int block, int outputs, int inputs, int rows, int columns)
{
    // OIHW blocked by input and output channel; with planes, by output channel only.
    private int Place(int o, int i, int y, int x, bool blockedInputs) => blockedInputs
        ? ((((o / block * (inputs / block) + i / block) * rows + y) * columns + x) * block + i % block) * block + o % block
        : (((o / block * inputs + i) * rows + y) * columns + x) * block + o % block;

    /// <summary>ONNX Runtime's initializer holds these weights, of so many real channels, as expected.</summary>
    /// <param name="source">Which weight stands at each of its places.</param>
    /// <param name="realOutputs">Output channels of the layer.</param>
    /// <param name="realInputs">Its input channels.</param>
    /// <param name="blockedInputs">The input is in blocks.</param>
    public bool IsLaidOut(ReadOnlySpan<int> source, int realOutputs, int realInputs, bool blockedInputs)
    {
        if (source.Length != outputs * inputs * rows * columns) return false;
        for (int o = 0; o < outputs; o++)
            for (int i = 0; i < inputs; i++)
                for (int y = 0; y < rows; y++)
                    for (int x = 0; x < columns; x++)
                    {
                        int expected = o < realOutputs && i < realInputs ? ((o * realInputs + i) * rows + y) * columns + x : -1;
                        if (source[Place(o, i, y, x, blockedInputs)] != expected) return false;
                    }
        return true;
    }

    /// <summary>For sums over all input channels: by sixteen output channels, plane, tap and pair of input channels.</summary>
    public int[] Dense(ReadOnlySpan<int> source, bool blockedInputs)
    {
        int plane = blockedInputs ? block : 2, planes = (inputs + plane - 1) / plane;
        var codes = new List<int>();
        for (int group = 0; group < outputs; group += 16)
            for (int p = 0; p < planes; p++)
                for (int y = 0; y < rows; y++)
                    for (int x = 0; x < columns; x++)
                        for (int pair = 0; pair < plane; pair += 2)
                            for (int o = group; o < group + 16; o++)
                                for (int i = p * plane + pair; i < p * plane + pair + 2; i++)
                                    codes.Add(o < outputs && i < inputs ? source[Place(o, i, y, x, blockedInputs)] : -1);
        return [.. codes];
    }

    /// <summary>For channels by themselves: by eight channels, row and pair of columns.</summary>
    public int[] Depthwise(ReadOnlySpan<int> source)
    {
        var codes = new List<int>();
        for (int group = 0; group < outputs; group += 8)
            for (int y = 0; y < rows; y++)
                for (int pair = 0; pair < columns; pair += 2)
                    for (int o = group; o < group + 8; o++)
                        for (int x = pair; x < pair + 2; x++)
                            codes.Add(x < columns ? source[Place(o, 0, y, x, blockedInputs: false)] : -1);
        return [.. codes];
    }
}
