namespace Haq.Engine.Quantization;

/// <summary>Scales that are powers of two.</summary>
internal static class PowersOfTwo
{
    /// <summary>The least power of two that is not below <paramref name="scale"/>, a normal number.</summary>
    public static float AtLeast(float scale)
    {
        float power = MathF.ScaleB(1, MathF.ILogB(scale));
        return power < scale ? power * 2 : power;
    }

    /// <summary>The power of two near <paramref name="scale"/> that rounds <paramref name="values"/> to integers up to ±<paramref name="top"/> with the least squared error.</summary>
    public static float Nearest(ReadOnlySpan<float> values, float scale, int top)
    {
        float above = AtLeast(scale), best = above;
        double least = double.PositiveInfinity;
        foreach (float candidate in (float[])[above * 2, above, above / 2])
        {
            if (!float.IsNormal(candidate)) continue;
            double error = 0;
            foreach (float value in values)
            {
                double off = value - Math.Clamp(Math.Round(value / (double)candidate), -top, top) * candidate;
                error += off * off;
            }
            if (error < least) (best, least) = (candidate, error);
        }
        return best;
    }
}
