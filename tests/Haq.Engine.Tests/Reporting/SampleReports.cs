using System.Collections.Immutable;
using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Tests.Reporting;

/// <summary>Small reports with every part filled, whose figures are easy to check by hand.</summary>
internal static class SampleReports
{
    public const double ClockMhz = 200;

    /// <summary>A report of <paramref name="layers"/> layers; every fourth is bound by weights.</summary>
    public static ReportModel Of(int layers = 3, Func<int, string>? name = null, Func<int, (int Weights, int Activations)>? bits = null)
    {
        bits ??= i => i == 0 || i == layers - 1 ? (8, 8) : (4 + i % 3, 6);
        var facts = Enumerable.Range(0, layers).Select(i => Layer(i, layers, name?.Invoke(i) ?? $"conv_{i}", bits(i))).ToImmutableArray();
        var cost = Sum(facts, l => l.Chosen);
        var eight = Sum(facts, l => l.At8Bit);
        return new ReportModel
        {
            Schema = ReportModel.CurrentSchema,
            Engine = "0.1.0",
            Model = new ModelFacts { File = "net.onnx", Sha256 = new string('a', 64), Parameters = 1000L * layers, Macs = 1_000_000L * layers, FloatBytes = 4000L * layers },
            Hardware = new HardwareFacts
            {
                Name = "bismo-edge", Kind = "bit-serial", Provenance = "fitted to HAQ Table 3", Batch = 1, ClockMhz = ClockMhz, BandwidthGBPerSecond = 0.8,
                Assumptions = ["Activations are streamed as im2col.", "Pooling is free."],
            },
            Objective = "accuracy",
            Budget = new BudgetFacts { Asked = "latency: 0.8x", LatencyMs = eight.LatencyMs * 0.8 },
            EvaluatedOn = "1000 images of evaluation",
            Float = new AccuracyFacts { Top1 = 93.1, Top5 = 99.8, Agreement = 100, Loss = 0, Samples = 1000 },
            Quantized = new AccuracyFacts { Top1 = 92.4, Top5 = 99.7, Agreement = 97.5, Loss = 0.021, SqnrDb = 21.5, Samples = 1000 },
            AccuracyStandardError = 0.3,
            PolicyDigest = new string('b', 64),
            Cost = cost,
            CostAt8Bit = eight,
            Baselines =
            [
                new BaselineFacts { Name = "uniform 8 bit", Bits = 8, Cost = eight, Quantized = new AccuracyFacts { Top1 = 92.9, Agreement = 99, Loss = 0.001, Samples = 1000 } },
                new BaselineFacts { Name = "uniform 4 bit", Bits = 4, Cost = cost with { LatencyMs = cost.LatencyMs * 0.9 } },
            ],
            Layers = facts,
            Search = new SearchFacts
            {
                Strategy = "auto", Seed = 1, Metric = "loss", HigherIsBetter = false, Evaluated = 3, Completed = true, Samples = 1000,
                PredictedDamage = 0.02, MeasuredDamage = 0.021, OptimalityGap = 0.001,
                Progress =
                [
                    new SearchPoint { Number = 1, Score = 0.05, Best = 0.05, LatencyMs = 1, SizeBytes = 10 },
                    new SearchPoint { Number = 2, Score = 0.07, Best = 0.05, LatencyMs = 1, SizeBytes = 10 },
                    new SearchPoint { Number = 3, Score = 0.021, Best = 0.021, LatencyMs = 1, SizeBytes = 10 },
                ],
            },
            Pareto =
            [
                new ParetoFacts { Name = "tight", Cost = cost with { LatencyMs = cost.LatencyMs * 0.7 }, PredictedDamage = 0.1 },
                new ParetoFacts { Name = "chosen", Cost = cost, PredictedDamage = 0.02, Quantized = new AccuracyFacts { Top1 = 92.4, Loss = 0.021, Samples = 1000 }, Chosen = true },
                new ParetoFacts { Name = "uniform 8 bit", Cost = eight, Quantized = new AccuracyFacts { Top1 = 92.9, Loss = 0.001, Samples = 1000 }, Uniform = true },
            ],
            Steps = [new StepFacts { Name = "bias correction", Detail = "3 layers", LossBefore = 0.04, LossAfter = 0.021, Top1Before = 91.9, Top1After = 92.4 }],
            OutputDifference = new OutputDifferenceFacts { MaxAbsolute = 1.25, MeanAbsolute = 0.11, SqnrDb = 21.5, Samples = 64 },
            Files =
            [
                new FileFacts { Role = "float model", Name = "net.onnx", Bytes = 4000L * layers },
                new FileFacts { Role = "quantized model", Name = "net.haq.onnx", Bytes = 900L * layers, Sha256 = new string('c', 64) },
            ],
            Unquantized = [new UnquantizedFacts { Name = "attention", Op = "MatMul", Reason = "neither input is constant" }],
            Warnings = [new WarningFacts { Code = "HAQ1201", Message = "widths are rounded up", File = "haq.yaml", Line = 3, Column = 7 }],
            Timings = new TimingFacts
            {
                RunTime = new RunTimeFacts { FloatMsPerImage = 2.5, QuantizedMsPerImage = 1.75, FloatSpreadMs = 0.1, QuantizedSpreadMs = 0.05, Threads = 2, Batch = 1, Runs = 50 },
                Stages = [new StageTimeFacts { Stage = "read", Seconds = 0.1 }, new StageTimeFacts { Stage = "search", Seconds = 61.5, Cached = true }],
            },
        };
    }

    private static LayerFacts Layer(int index, int layers, string name, (int Weights, int Activations) bits) => new()
    {
        Index = index,
        Name = name,
        Op = "Conv",
        Shape = "Conv 3x3/1 16->16 28x28",
        Macs = 1_000_000,
        WeightCount = 1000,
        ActivationGroup = index,
        Chosen = Cost(index, bits.Weights, bits.Activations),
        At8Bit = Cost(index, 8, 8),
        Pinned = index == 0 ? "first layer" : index == layers - 1 ? "last layer" : null,
        Damage = 0.001 * (9 - bits.Weights),
        Sensitivity = [new SensitivityFacts { Weights = 4, Damage = 0.005 }, new SensitivityFacts { Weights = 8, Damage = 0.001 }],
        SqnrDb = 30 + index % 7,
        PathSqnrDb = 20 + index % 5,
        GivenBack = 0.01 * (index % 4) - 0.002,
        DamageAlone = 0.008 * (index % 3),
        AccumulatorBits = 18,
        Saturation = 0.002,
        Why = $"{bits.Weights}-bit weights, {bits.Activations}-bit activations",
    };

    private static LayerCostFacts Cost(int index, int weights, int activations)
    {
        long cycles = 1000L * weights * activations * (1 + index % 5);
        var cost = new LayerCost(
            cycles, cycles / (ClockMhz * 1e6), new Energy(4e6 * weights, 1e6, 2e6, 5e5), new DramBits(1000L * weights, 12_544L * activations, 12_544L * 8),
            index % 4 == 1 ? new CostTerms(cycles / 2, cycles, 1, 1) : new CostTerms(cycles, cycles / 2, 1, 1), 0.5);
        double peak = 64e12 / (weights * activations), intensity = 8e6 / cost.Dram.Total;
        return LayerCostFacts.Of(cost, new(weights, activations), 1_000_000, 1, new Roofline(intensity, peak, Math.Min(peak, intensity * 0.8e9), 0, cost.Bound));
    }

    private static CostFacts Sum(ImmutableArray<LayerFacts> layers, Func<LayerFacts, LayerCostFacts> at)
    {
        long cycles = layers.Sum(l => at(l).Cycles);
        long inner = cycles - at(layers[0]).Cycles - (layers.Length > 1 ? at(layers[^1]).Cycles : 0);
        double joules = layers.Sum(l => at(l).Energy!.TotalMj) * 1e-3;
        return CostFacts.Of(new NetworkCost(cycles, inner, cycles / (ClockMhz * 1e6), inner / (ClockMhz * 1e6), joules, layers.Sum(l => l.WeightCount * at(l).Weights)), 1);
    }

    /// <summary>Scores over the widths 2 to 8 for every layer; NaN elsewhere.</summary>
    public static SensitivityTable Scores(int layers, Func<int, int, double> weights, Func<int, int, double> activations)
    {
        double[] Of(Func<int, int, double> score) =>
        [
            .. Enumerable.Range(0, layers * SensitivityTable.MaxBits)
                .Select(i => (Layer: i / SensitivityTable.MaxBits, Bits: i % SensitivityTable.MaxBits + 1)).Select(c => c.Bits is >= 2 and <= 8 ? score(c.Layer, c.Bits) : double.NaN),
        ];
        return new SensitivityTable(Of(weights), Of(activations));
    }
}
