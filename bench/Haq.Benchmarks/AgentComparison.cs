using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Training;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks;

/// <summary>
/// A step of the agent's critic (11-300-300-1, batch 64, Adam): the search's own <see cref="DenseNetwork"/> against a training graph on ONNX Runtime, interleaved. Run with
/// <c>dotnet run -c Release --project bench/Haq.Benchmarks -- agent [rounds]</c>. The graph leaves out the slowly following copy, which the network's step includes.
/// </summary>
internal static class AgentComparison
{
    private const int Inputs = 11, Hidden = 300, Batch = 64;

    public static void Run(int rounds)
    {
        var dense = Dense();
        Console.WriteLine("| threads | DenseNetwork ms | training graph ms | graph / network |");
        Console.WriteLine("|---|---|---|---|");
        foreach (int threads in (int[])[1, 2])
        {
            var (graph, parameters) = Graph();
            using var run = new TrainingRun(graph, parameters, [], OptimizerKind.Adam, KernelSet.Custom, threads, "critic");
            run.Set(OptimizerNodes.Settings, Schedules.Settings(new FineTuneOptions { Schedule = RateSchedule.Constant }, 100, 1000, 1));
            var (a, b) = (new List<double>(), new List<double>());
            for (int round = 0; round <= rounds; round++)
            {
                double own = Median(dense), other = Median(() => run.Step(CancellationToken.None));
                if (round == 0) continue; // warm-up
                a.Add(own);
                b.Add(other);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {threads} | {Middle(a):0.00} | {Middle(b):0.00} | {Middle(b.Zip(a, (x, y) => x / y)):0.00} |"));
        }
    }

    private static Action Dense()
    {
        var random = new SeededRandom(1);
        var network = new DenseNetwork(Inputs, Hidden, Hidden, 3e-3, Batch, random);
        var target = network.Target();
        float[] x = [.. Enumerable.Range(0, Inputs * network.Batch).Select(_ => (float)random.NextDouble())], gradient = [.. Enumerable.Repeat(1f / Batch, network.Batch)];
        float[] transposed = new float[network.Batch * MatrixProduct.PaddedColumns(Inputs)];
        int t = 0;
        return () =>
        {
            for (int panel = 0; panel < network.Panels; panel++)
            {
                network.Forward(x.AsSpan(panel * Inputs * MatrixProduct.ColumnStep, Inputs * MatrixProduct.ColumnStep), panel);
                network.Backward(gradient.AsSpan(panel * MatrixProduct.ColumnStep, MatrixProduct.ColumnStep), panel);
            }
            var step = new AdamStep(1e-3, ++t, 0.01);
            for (int share = 0; share < network.Shares; share++) network.Learn(share, gradient, transposed, target, step);
        };
    }

    private static (GraphBuilder Graph, List<TrainedParameter> Parameters) Graph()
    {
        var (g, random, parameters) = (new GraphBuilder(21), new SeededRandom(1), new List<TrainedParameter>());
        Value Layer(Value x, int outputs)
        {
            Value Parameter(string name, params int[] shape)
            {
                float[] initial = new float[shape.Aggregate(1, (p, q) => p * q)];
                for (int i = 0; i < initial.Length; i++) initial[i] = (float)(0.05 * random.NextNormal());
                parameters.Add(new(name, shape, initial, 1, Decays: false, float.NegativeInfinity));
                return g.Input(name, DataType.Float, shape);
            }
            return g.Gemm(x, Parameter($"w{parameters.Count}", x.Shape[1], outputs)) + Parameter($"b{parameters.Count}", outputs);
        }
        var x = g.Input("x", DataType.Float, Batch, Inputs);
        var y = Layer(g.Unary("Relu", Layer(g.Unary("Relu", Layer(x, Hidden)), Hidden)), 1);
        var (loss, seed) = Losses.SquaredError(g, y);
        var gradients = Backward.Append(g, [(y, seed)], [.. parameters.Select(p => g[p.Name])], KernelSet.Custom);
        g.Output(loss, TrainingGraph.LossOutput);
        OptimizerNodes.Append(g, OptimizerKind.Adam, KernelSet.Custom, parameters, [.. parameters.Select(p => gradients.Of(g[p.Name])!)]);
        KernelSelection.Apply(g, KernelSet.Custom);
        return (g, parameters);
    }

    private static double Median(Action step)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 50 || Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5)
        {
            long from = Stopwatch.GetTimestamp();
            step();
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        }
        return Middle(times);
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
