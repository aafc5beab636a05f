using System.Runtime.Intrinsics;

namespace Haq.Engine.Quantization.Weights;

/// <summary>The scale of least weighted squared error for one channel of weights: a sweep over the clipping point and two finer ones around the best.</summary>
internal static class ClippingSearch
{
    private const int Steps = 32;
    private const double Narrowest = 0.2;

    /// <summary>
    /// The best scale for values within ±<paramref name="greatest"/> and integers within ±<paramref name="top"/>. Both spans have the same length, a multiple of eight.
    /// </summary>
    public static float Find(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float greatest, int top)
    {
        (float best, double least) = (greatest / top, double.PositiveInfinity);
        double from = Narrowest, to = 1, step = (1 - Narrowest) / Steps, found = 1;
        for (int round = 0; round < 3; round++)
        {
            for (double share = to; share >= from - step * 1e-6; share -= step)
            {
                float scale = (float)(greatest * share / top);
                if (!(scale > 0)) continue;
                double error = Error(values, importance, scale, top);
                if (error < least) (best, least, found) = (scale, error, share);
            }
            (from, to, step) = (found - step, Math.Min(1, found + step), step / 6);
        }
        return best;
    }

    /// <summary>Eight lanes on every machine: the same sums, the same choice.</summary>
    private static double Error(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float scale, int top)
    {
        var scales = Vector256.Create(scale);
        var low = Vector256.Create((float)-top);
        var high = Vector256.Create((float)top);
        var sum = Vector256<float>.Zero;
        for (int i = 0; i < values.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.LoadUnsafe(in values[i]);
            var difference = value - Vector256.Min(Vector256.Max(Vector256.Round(value / scales), low), high) * scales;
            sum += difference * difference * Vector256.LoadUnsafe(in importance[i]);
        }
        return Vector256.Sum(sum);
    }
}
