using System.Collections.Immutable;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

/// <summary>
/// MobileNetV1 priced on a built-in target, with a policy that a greedy descent on made-up damages finds: a report with the proportions of a real one.
/// Accuracies in it are invented; only costs are simulated.
/// </summary>
internal static class MobileNetReport
{
    public static ReportModel On(string hardware, double factor)
    {
        var target = HardwareCatalog.Load(hardware, ".");
        var layers = Layers();
        var costs = CostTable.Build(target, layers, fixedBits: 32L * 26_000);
        var eight = costs.Price(Policy.Uniform(layers.Length, new LayerBits(8, 8)));
        double limit = eight.LatencySeconds * factor;
        var policy = Descend(costs, layers, limit);
        var builder = new LayerFactsBuilder(target, costs, layers)
        {
            Choices = layer => layer == 0 || layer == layers.Length - 1 ? s_pinned : s_choices,
            Scores = SampleReports.Scores(layers.Length, (l, bits) => WeightDamage(layers[l], bits), (l, bits) => ActivationDamage(layers[l], bits)),
            Pinned = new Dictionary<int, string> { [0] = "first layer", [layers.Length - 1] = "last layer" },
        };
        var facts = builder.Build(policy);
        double damage = facts.Sum(l => l.Damage!.Value);
        int batch = costs.Batch;
        return SampleReports.Of(1) with
        {
            Model = new ModelFacts
            {
                File = "mobilenet_v1.onnx", Sha256 = new string('a', 64), Parameters = layers.Sum(l => l.Shape.Weights) + 26_000,
                Macs = layers.Sum(l => l.Shape.Macs), FloatBytes = 4 * (layers.Sum(l => l.Shape.Weights) + 26_000),
            },
            Hardware = new HardwareFacts
            {
                Name = target.Name, Kind = target.Kind, Provenance = target.Provenance, Sha256 = target.Digest, Batch = batch,
                BandwidthGBPerSecond = target.Model.BandwidthBitsPerSecond / 8e9, Assumptions = [.. target.Model.Assumptions],
            },
            Budget = new BudgetFacts { Asked = $"latency: {factor}x", LatencyMs = limit * 1e3 },
            Cost = CostFacts.Of(costs.Price(policy), batch),
            CostAt8Bit = CostFacts.Of(eight, batch),
            Layers = facts,
            Quantized = new AccuracyFacts { Top1 = 100 - 6.9 - 20 * damage, Top5 = 99.7, Agreement = 100 - 60 * damage, Loss = damage, Samples = 1000 },
            Baselines =
            [
                .. new[] { 8, 6, 5, 4 }.Select(bits =>
                {
                    var uniform = Uniform(layers.Length, bits);
                    double hurt = Enumerable.Range(0, layers.Length).Sum(i => Damage(layers[i], uniform[i]));
                    return new BaselineFacts
                    {
                        Name = $"uniform {bits} bit", Bits = bits, Cost = CostFacts.Of(costs.Price(uniform), batch),
                        Quantized = new AccuracyFacts { Top1 = 93.1 - 20 * hurt, Top5 = 99.8 - hurt, Agreement = 100 - 60 * hurt, Loss = hurt, Samples = 1000 },
                    };
                }),
            ],
            Pareto = [],
            Search = Search(damage),
        };
    }

    private static SearchFacts Search(double damage)
    {
        var random = new Haq.Engine.Numerics.SeededRandom(1);
        var points = ImmutableArray.CreateBuilder<SearchPoint>();
        double best = double.PositiveInfinity;
        for (int i = 1; i <= 400; i++)
        {
            double score = damage * (1 + 3 * Math.Exp(-i / 60.0) + 4 * random.NextDouble() * Math.Exp(-i / 150.0));
            best = Math.Min(best, score);
            points.Add(new SearchPoint { Number = i, Score = score, Best = best, LatencyMs = 50, SizeBytes = 1e6 });
        }
        return new SearchFacts
        {
            Strategy = "auto", Seed = 1, Metric = "loss", HigherIsBetter = false, Evaluated = 400, Completed = true, Samples = 1000,
            PredictedDamage = damage, MeasuredDamage = best, OptimalityGap = 0, Progress = points.ToImmutable(),
        };
    }

    private static readonly LayerBits[] s_pinned = [new LayerBits(8, 8)];

    private static readonly LayerBits[] s_choices = [.. Enumerable.Range(2, 7).SelectMany(w => Enumerable.Range(2, 7).Select(a => new LayerBits(w, a)))];

    private static Policy Uniform(int layers, int bits) =>
        Policy.Uniform(layers, new LayerBits(bits, bits)).With(0, new LayerBits(8, 8)).With(layers - 1, new LayerBits(8, 8));

    // Small tensors are hurt more, and depthwise ones most: the proportions, not the values, are those of measured scores.
    private static double Scale(QuantizableLayer layer) =>
        (layer.Shape.IsDepthwise ? 2.2 : 1) * (1 + 0.7 * Math.Sin(layer.Index * 2.3)) / Math.Sqrt(layer.Shape.Out);

    private static double WeightDamage(QuantizableLayer layer, int bits) => Scale(layer) * Math.Pow(3.4, -bits) * 6;

    private static double ActivationDamage(QuantizableLayer layer, int bits) => Scale(layer) * Math.Pow(3.1, -bits) * 5;

    private static double Damage(QuantizableLayer layer, LayerBits bits) => WeightDamage(layer, bits.Weights) + ActivationDamage(layer, bits.Activations);

    private static Policy Descend(CostTable costs, QuantizableLayer[] layers, double limit)
    {
        var policy = Policy.Uniform(layers.Length, new LayerBits(8, 8));
        while (costs.Price(policy).LatencySeconds > limit)
        {
            var current = policy;
            policy = (from i in Enumerable.Range(1, layers.Length - 2)
                      let bits = current[i]
                      from next in new[] { (bits.Weights - 1, (int)bits.Activations), (bits.Weights, bits.Activations - 1) }
                      where next.Item1 >= 2 && next.Item2 >= 2
                      let to = new LayerBits(next.Item1, next.Item2)
                      let saved = costs[i, bits].Seconds - costs[i, to].Seconds
                      where saved > 0
                      orderby (Damage(layers[i], to) - Damage(layers[i], bits)) / saved
                      select current.With(i, to)).First();
        }
        return policy;
    }

    private static QuantizableLayer[] Layers()
    {
        (int In, int Out, int Stride)[] blocks =
        [
            (32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1), (512, 512, 1), (512, 512, 1), (512, 512, 1),
            (512, 512, 1), (512, 1024, 2), (1024, 1024, 1),
        ];
        var layers = new List<QuantizableLayer> { new(0, "conv_0", LayerShape.Conv2D(3, 32, 3, 2, 224, 112), 0) };
        int size = 112;
        for (int i = 0; i < blocks.Length; i++)
        {
            var (channels, filters, stride) = blocks[i];
            layers.Add(new(layers.Count, $"block_{i + 1}/depthwise", LayerShape.Conv2D(channels, channels, 3, stride, size, size / stride, channels), layers.Count));
            size /= stride;
            layers.Add(new(layers.Count, $"block_{i + 1}/pointwise", LayerShape.Conv2D(channels, filters, 1, 1, size, size), layers.Count));
        }
        layers.Add(new(layers.Count, "classifier", LayerShape.Dense(1024, 1000), layers.Count));
        return [.. layers];
    }
}
