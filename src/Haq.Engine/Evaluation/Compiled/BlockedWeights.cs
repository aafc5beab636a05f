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
        for (int k = 0; k < source.Length; k++)
        {
            int at = k, x = Digit(ref at, columns), y = Digit(ref at, rows), i = Digit(ref at, inputs), o = at;
            int expected = o < realOutputs && i < realInputs ? ((o * realInputs + i) * rows + y) * columns + x : -1;
            if (source[Place(o, i, y, x, blockedInputs)] != expected) return false;
        }
        return true;
    }

    /// <summary>For sums over all input channels: by sixteen output channels, plane, tap and pair of input channels.</summary>
    public int[] Dense(ReadOnlySpan<int> source, bool blockedInputs)
    {
        int plane = blockedInputs ? block : 2, planes = (inputs + plane - 1) / plane;
        int[] codes = new int[(outputs + 15) / 16 * 16 * planes * plane * rows * columns];
        for (int k = 0; k < codes.Length; k++)
        {
            int at = k, second = Digit(ref at, 2), lane = Digit(ref at, 16), pair = Digit(ref at, plane / 2), x = Digit(ref at, columns), y = Digit(ref at, rows);
            int i = Digit(ref at, planes) * plane + 2 * pair + second, o = 16 * at + lane;
            codes[k] = o < outputs && i < inputs ? source[Place(o, i, y, x, blockedInputs)] : -1;
        }
        return codes;
    }

    /// <summary>For channels by themselves: by eight channels, row and pair of columns.</summary>
    public int[] Depthwise(ReadOnlySpan<int> source)
    {
        int pairs = (columns + 1) / 2;
        int[] codes = new int[outputs * rows * pairs * 2];
        for (int k = 0; k < codes.Length; k++)
        {
            int at = k, second = Digit(ref at, 2), lane = Digit(ref at, 8), x = 2 * Digit(ref at, pairs) + second, y = Digit(ref at, rows), o = 8 * at + lane;
            codes[k] = x < columns ? source[Place(o, 0, y, x, blockedInputs: false)] : -1;
        }
        return codes;
    }

    // The last digit of a number whose digits count up to so many.
    private static int Digit(ref int number, int count)
    {
        (number, int digit) = Math.DivRem(number, count);
        return digit;
    }
}
