using Haq.Engine.Numerics;

namespace Haq.Engine.Search.Ddpg;

/// <summary>A normal around the actor's action, truncated to [0, 1], whose deviation decays from episode to episode.</summary>
internal sealed class ExplorationNoise(DdpgOptions options, SeededRandom random)
{
    // Beyond this many rejections the mean lies at an edge and the deviation is tiny: clamping then changes nothing that matters.
    private const int MostDraws = 1000;

    /// <summary>Deviation in an episode counted from the end of the warm-up.</summary>
    public double Deviation(int episode) => options.Noise * Math.Pow(options.NoiseDecay, episode);

    /// <summary>A uniformly random action.</summary>
    public double Uniform() => random.NextDouble();

    /// <summary>The action with noise.</summary>
    public double Around(double action, double deviation)
    {
        for (int draw = 0; draw < MostDraws; draw++)
        {
            double x = action + deviation * random.NextNormal();
            if (x is >= 0 and <= 1) return x;
        }
        return Math.Clamp(action, 0, 1);
    }
}
