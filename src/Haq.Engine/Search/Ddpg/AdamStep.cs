using System.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>One step of Adam (Kingma and Ba, 2015), and the soft update of a network that follows.</summary>
internal readonly struct AdamStep
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f, Least = 1e-34f;

    private readonly float _scale, _epsilon, _tau;

    /// <summary>Step <paramref name="t"/>, counted from 1, at a rate; the share <paramref name="tau"/> goes into what follows.</summary>
    public AdamStep(double rate, int t, double tau)
    {
        _scale = (float)(rate * Math.Sqrt(1 - Math.Pow(Beta2, t)) / (1 - Math.Pow(Beta1, t)));
        _epsilon = (float)(Epsilon * Math.Sqrt(1 - Math.Pow(Beta2, t)));
        _tau = (float)tau;
    }

    /// <summary>Moves parameters by their gradient, and what follows them after them.</summary>
    public void Apply(
        Span<Vector<float>> parameters, ReadOnlySpan<Vector<float>> gradient, Span<Vector<float>> firstMoment, Span<Vector<float>> secondMoment, Span<Vector<float>> followers)
    {
        var keep1 = new Vector<float>(Beta1);
        var new1 = new Vector<float>(1 - Beta1);
        var keep2 = new Vector<float>(Beta2);
        var new2 = new Vector<float>(1 - Beta2);
        var step = new Vector<float>(_scale);
        var guard = new Vector<float>(_epsilon);
        var follow = new Vector<float>(_tau);
        for (int i = 0; i < parameters.Length; i++)
        {
            var m = firstMoment[i] = Flushed(keep1 * firstMoment[i] + new1 * gradient[i]);
            var v = secondMoment[i] = Flushed(keep2 * secondMoment[i] + new2 * gradient[i] * gradient[i]);
            var p = parameters[i] -= step * m / (Vector.SquareRoot(v) + guard);
            followers[i] += follow * (p - followers[i]);
        }
    }

    // What a unit that died leaves behind becomes less and less, until processors are slow on it; so little moves no parameter.
    private static Vector<float> Flushed(Vector<float> moment) =>
        Vector.ConditionalSelect(Vector.GreaterThan(Vector.Abs(moment), new Vector<float>(Least)), moment, Vector<float>.Zero);
}
