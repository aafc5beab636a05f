using System.Numerics;
using System.Runtime.InteropServices;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>Σ (g (v + b))² in one pass. Stretches of single precision are added up in double precision, always in the same order.</summary>
internal static class SquaredSum
{
    // Squares that a lane adds up in single precision before they go to double precision.
    private const int Stretch = 64;

    /// <summary>With one b for all values.</summary>
    /// <param name="values">v.</param>
    /// <param name="bias">b.</param>
    /// <param name="gradients">g; empty for ones.</param>
    public static double Of(ReadOnlySpan<float> values, float bias, ReadOnlySpan<float> gradients)
    {
        var v = MemoryMarshal.Cast<float, Vector<float>>(values);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var b = new Vector<float>(bias);
        double sum = 0;
        for (int from = 0; from < v.Length; from += Stretch)
        {
            var part = Vector<float>.Zero;
            for (int i = from; i < Math.Min(from + Stretch, v.Length); i++)
            {
                var change = v[i] + b;
                if (!g.IsEmpty) change *= g[i];
                part += change * change;
            }
            sum += Vector.Sum(part);
        }
        for (int i = v.Length * Vector<float>.Count; i < values.Length; i++) sum += Square(values[i] + bias, gradients, i);
        return sum;
    }

    /// <summary>With a b for each value.</summary>
    /// <param name="values">v.</param>
    /// <param name="bias">b, as many.</param>
    /// <param name="gradients">g; empty for ones.</param>
    public static double Of(ReadOnlySpan<float> values, ReadOnlySpan<float> bias, ReadOnlySpan<float> gradients)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++) sum += Square(values[i] + bias[i], gradients, i);
        return sum;
    }

    private static double Square(float change, ReadOnlySpan<float> gradients, int i)
    {
        double weighted = gradients.IsEmpty ? change : change * gradients[i];
        return weighted * weighted;
    }
}
