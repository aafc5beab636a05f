using System.Runtime.Intrinsics;

namespace Haq.Engine.Runtime.Kernels;

/// <summary>Eight channels of a row of pixels, each by itself, without an addend. What it reads holds each pixel beside its neighbour, so that two taps of a row are one instruction.</summary>
internal unsafe struct IntegerDepthwiseRow
{
    /// <summary>The rows that the kernel's rows read.</summary>
    public short** Rows;

    public int KernelRows;

    /// <summary>Pairs of taps in a row; the last one's second weight is zero where their number is odd.</summary>
    public int Pairs;

    /// <summary>Integers from what one output pixel reads to what the next one does.</summary>
    public nint Pixel;

    /// <summary>By row and pair of taps: eight channels of two weights each.</summary>
    public short* Weights;

    public IntegerOutput Output;

    private const int Step = 32;

    public readonly void Run(float* y, int count)
    {
        if (KernelRows == 3 && Pairs == 2) RunThree(y, count);
        else RunAny(y, count);
    }

    private readonly void RunThree(float* y, int count)
    {
        var (w0, w1, w2) = (Vector256.Load(Weights), Vector256.Load(Weights + 16), Vector256.Load(Weights + 32));
        var (w3, w4, w5) = (Vector256.Load(Weights + 48), Vector256.Load(Weights + 64), Vector256.Load(Weights + 80));
        // The output might overlap this structure for all that the compiler knows: what does not change is read once.
        var (multiplier, bias, low, high) = (Vector256.Load(Output.Multipliers), Vector256.Load(Output.Biases), Vector256.Create(Output.Low), Vector256.Create(Output.High));
        short* a = Rows[0], b = Rows[1], c = Rows[2];
        nint pixel = Pixel, made = Output.Pixel;
        for (int at = 0; at < count; at++, a += pixel, b += pixel, c += pixel, y += made)
        {
            var first = IntegerProducts.Add(IntegerProducts.Of(w0, Vector256.Load(a)), w1, Vector256.Load(a + Step));
            var second = IntegerProducts.Add(IntegerProducts.Of(w2, Vector256.Load(b)), w3, Vector256.Load(b + Step));
            var third = IntegerProducts.Add(IntegerProducts.Of(w4, Vector256.Load(c)), w5, Vector256.Load(c + Step));
            IntegerOutput.Scaled(first + second + third, multiplier, bias, low, high).Store(y);
        }
    }

    private readonly void RunAny(float* y, int count)
    {
        for (int at = 0; at < count; at++, y += Output.Pixel)
        {
            Vector256<int> sums = default;
            short* w = Weights;
            for (int row = 0; row < KernelRows; row++)
            {
                short* x = Rows[row] + at * Pixel;
                for (int pair = 0; pair < Pairs; pair++, x += Step, w += 16) sums = IntegerProducts.Add(sums, Vector256.Load(w), Vector256.Load(x));
            }
            Output.Write(y, sums);
        }
    }
}
