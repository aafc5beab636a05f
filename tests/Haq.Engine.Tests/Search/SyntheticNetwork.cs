using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

/// <summary>
/// A made-up network whose damage is known exactly: every layer hurts by its own curve, and neighbours hurt each other a little more. It is deterministic, takes no time,
/// and stands in for a measured one where a search is tested and not the measuring.
/// </summary>
internal sealed class SyntheticNetwork : IPolicyEvaluator
{
    private readonly double[] _weightScale, _activationScale;
    private readonly double _interaction;

    public SyntheticNetwork(int layers, ulong seed, double interaction = 0.5, int[]? groups = null)
    {
        var random = new SeededRandom(seed);
        _interaction = interaction;
        _weightScale = [.. Enumerable.Range(0, layers).Select(_ => Math.Exp(1.5 * random.NextNormal()))];
        _activationScale = [.. Enumerable.Range(0, layers).Select(_ => Math.Exp(1.5 * random.NextNormal()))];
        int[] channels = [.. Enumerable.Range(0, layers + 1).Select(_ => 8 * (1 + random.Next(16)))];
        Layers = [.. Enumerable.Range(0, layers).Select(i => new QuantizableLayer(i, $"layer{i}",
            LayerShape.Conv2D(channels[i], channels[i + 1], 1 + 2 * random.Next(2), 1, 14, 14), groups?[i] ?? i))];
        Costs = CostsOf(Layers);
        Space = new SearchSpaceBuilder(Layers, _ => true).Build();
    }

    public ImmutableArray<QuantizableLayer> Layers { get; }

    public CostTable Costs { get; }

    public SearchSpace Space { get; }

    public int Evaluations { get; private set; }

    public PolicyScore Float { get; } = new(100, null, 100, 0, null, null, 1000);

    public SearchProblem Problem(double latencyFactor, ulong seed = 1, TimeSpan? limit = null) =>
        new(Layers, Space, Costs, LatencyOf(latencyFactor), new SeededRandom(seed), limit);

    public Budget LatencyOf(double factor) => new(LatencySeconds: factor * Costs.Price(Policy.Uniform(Layers.Length, new LayerBits(8, 8))).LatencySeconds);

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Evaluations++;
        double loss = Damage(policy);
        double accuracy = 100 * Math.Exp(-loss);
        return new PolicyScore(accuracy, null, accuracy, loss, null, null, 1000);
    }

    public double Damage(Policy policy)
    {
        double loss = 0, before = 0;
        for (int i = 0; i < policy.Count; i++)
        {
            // Quantization noise falls fourfold per bit.
            double own = _weightScale[i] * Noise(policy[i].Weights) + _activationScale[i] * Noise(policy[i].Activations);
            loss += own + _interaction * Math.Sqrt(own * before);
            before = own;
        }
        return loss;
    }

    private static double Noise(Bitwidth width) => width == 8 ? 0 : Math.Pow(4, -width.Bits);

    // Bit-serial in spirit: cycles are proportional to the product of the widths, traffic to each.
    public static CostTable CostsOf(IReadOnlyList<QuantizableLayer> layers)
    {
        var cells = new List<LayerCost>();
        foreach (var layer in layers)
        {
            for (int w = 1; w <= 8; w++)
            {
                for (int a = 1; a <= 8; a++)
                {
                    long cycles = layer.Shape.Macs * w * a / 1024 + layer.Shape.Weights * w / 64 + layer.Shape.InputElements * a / 64;
                    var energy = new Energy(layer.Shape.Macs * w * a * 1e-3, layer.Shape.Weights * w * 1e-2, layer.Shape.InputElements * a * 0.1, 0);
                    cells.Add(new LayerCost(cycles, cycles / 200e6, energy, default, default, 0));
                }
            }
        }
        return new CostTable([.. cells], [.. layers.Select(l => l.Shape.Weights)], fixedBits: 32 * layers.Sum(l => (long)l.Shape.Out));
    }
}
