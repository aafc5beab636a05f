using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>
/// How much each width of each layer hurts by itself, at least 0. It need not fall with bits: a table that says so is information. Immutable.
/// </summary>
/// <remarks>
/// The scores are those of the loss that the scorer used (KL divergence in nats for the probes; <see cref="Method"/> says which). Weights and activations are scored apart and added.
/// Where layers share their activations, the group's score stands at its first layer and is 0 at the others.
/// </remarks>
public sealed class SensitivityTable
{
    /// <summary>The widest width in the table.</summary>
    public const int MaxBits = 16;

    private readonly double[] _weights;
    private readonly double[] _activations;

    /// <summary>A table of scores laid out <c>[layer, bits-1]</c>, <see cref="MaxBits"/> per layer; NaN where a width was not scored.</summary>
    /// <exception cref="ArgumentException">The lengths differ or are no multiple of <see cref="MaxBits"/>, or a score is negative or infinite.</exception>
    public SensitivityTable(ReadOnlySpan<double> weights, ReadOnlySpan<double> activations)
    {
        if (weights.Length != activations.Length || weights.Length % MaxBits != 0) throw new ArgumentException("expected 16 scores per layer, twice", nameof(weights));
        foreach (double score in weights) Check(score, nameof(weights));
        foreach (double score in activations) Check(score, nameof(activations));
        (_weights, _activations) = (weights.ToArray(), activations.ToArray());
    }

    /// <summary>Room for a table's scores, none of them made yet.</summary>
    internal static double[] Unscored(int layers)
    {
        double[] scores = new double[layers * MaxBits];
        Array.Fill(scores, double.NaN);
        return scores;
    }

    /// <summary>Number of layers.</summary>
    public int Layers => _weights.Length / MaxBits;

    /// <summary>The scorer's name in the manifest: <c>probe</c>, <c>fisher</c>, <c>sqnr</c> or <c>local</c>.</summary>
    public string Method { get; init; } = "probe";

    /// <summary>The scores are damage in nats, as measured or as predicted by second order; else they only rank.</summary>
    public bool IsDamage => Method is "probe" or "fisher";

    /// <summary>The scores of a layer's weight widths 1..16; NaN where not scored.</summary>
    public ReadOnlySpan<double> WeightsOf(int layer) => _weights.AsSpan(layer * MaxBits, MaxBits);

    /// <summary>The scores of a layer's activation widths 1..16; NaN where not scored.</summary>
    public ReadOnlySpan<double> ActivationsOf(int layer) => _activations.AsSpan(layer * MaxBits, MaxBits);

    /// <summary>The score of one choice.</summary>
    /// <exception cref="InvalidOperationException">That width was not scored.</exception>
    public double Of(int layer, LayerBits bits)
    {
        double score = Of(WeightsOf(layer), bits.Weights) + Of(ActivationsOf(layer), bits.Activations);
        return double.IsNaN(score) ? throw new InvalidOperationException($"layer {layer} was not scored at {bits}") : score;
    }

    /// <summary>The damage that the scores predict for a whole policy: their sum.</summary>
    public double Predict(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        double sum = 0;
        for (int i = 0; i < policy.Count; i++) sum += Of(i, policy[i]);
        return sum;
    }

    // Wider is floating point, which does no harm.
    private static double Of(ReadOnlySpan<double> scores, Bitwidth width) => width > MaxBits ? 0 : scores[width.Bits - 1];

    private static void Check(double score, string name)
    {
        if (score < 0 || double.IsInfinity(score)) throw new ArgumentException($"a score must be finite and at least 0, is {score}", name);
    }
}
