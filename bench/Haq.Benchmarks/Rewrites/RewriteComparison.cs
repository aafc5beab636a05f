using System.Globalization;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Benchmarks.Rewrites;

/// <summary>
/// What exact rewritings gain in ONNX Runtime: the network as exporters write it against the one that it becomes, both in stock sessions, in turn in one
/// process, in float and with everything in 8 bits. Where the ratio is 1, ONNX Runtime does the rewriting by itself, or it is worth nothing.
/// </summary>
internal static class RewriteComparison
{
    private static readonly RaceOptions s_options = new() { Patience = TimeSpan.FromSeconds(4), LeastRounds = 25, Margin = 0.01 };

    public static void Run(int threads, string? only)
    {
        Console.WriteLine($"{Processor.Here}, ONNX Runtime {OrtVersion.Text}, {threads} {(threads == 1 ? "thread" : "threads")}");
        Console.WriteLine("| rewriting | float ms | rewritten / written out | the same in 8 bits | largest difference | operators that run in float | after |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var example in RewriteExamples.All.Where(e => only is null || e.Name.Contains(only, StringComparison.Ordinal)))
        {
            var (before, after) = (example.Before, example.After);
            var inputs = Inputs(before);
            try
            {
                var real = Race(before, after, threads, inputs);
                string integers = "";
                if (EightBits.Of(before) is { } plain && EightBits.Of(after) is { } rewritten)
                {
                    var race = Race(plain, rewritten, threads, inputs);
                    integers = string.Create(CultureInfo.InvariantCulture, $"{race.Ratio:0.000} ({race.Low:0.000}..{race.High:0.000}, {race.Seconds / race.Ratio * 1e3:0.000} ms)");
                }
                string times = string.Create(CultureInfo.InvariantCulture, $"{real.Seconds / real.Ratio * 1e3:0.000} | {real.Ratio:0.000} ({real.Low:0.000}..{real.High:0.000}) | {integers}");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {example.Name} | {times} | {Difference(before, after, inputs):0.0e+0} | {Operators(before)} | {Operators(after)} |"));
            }
            finally
            {
                foreach (var tensor in inputs.Values) tensor.Dispose();
            }
        }
    }

    private static RaceResult Race(OnnxModel before, OnnxModel after, int threads, Dictionary<string, OrtTensor> inputs)
    {
        var settings = MeasuringSettings.Session(threads);
        using var first = new OrtSession(before, settings);
        using var race = new FileRace(first, [after], settings, inputs, s_options);
        return race.Run(CancellationToken.None)[1];
    }

    private static Dictionary<string, OrtTensor> Inputs(OnnxModel model)
    {
        var random = new SeededRandom(7);
        var inputs = new Dictionary<string, OrtTensor>();
        foreach (var input in model.Graph.Input)
        {
            long[] shape = [.. input.Type.TensorType.Shape.Dim.Select(d => d.DimValue)];
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.NextNormal())];
            inputs[input.Name] = OrtTensor.Of<float>(values, shape);
        }
        return inputs;
    }

    private static double Difference(OnnxModel before, OnnxModel after, Dictionary<string, OrtTensor> inputs)
    {
        float[][] outputs = [.. new[] { before, after }.Select(model =>
        {
            using var session = new OrtSession(model, SessionSettings.Default);
            using var output = session.Run(inputs)[0];
            return output.ToFloats();
        })];
        return outputs[0].Zip(outputs[1], (a, b) => Math.Abs((double)a - b)).Max();
    }

    // Constants and what all networks have in common tell nothing.
    private static string Operators(OnnxModel model) =>
        string.Join(' ', OptimizedGraph.Of(model, SessionSettings.Default).Node.Where(n => n.OpType != "Constant").GroupBy(n => n.OpType, StringComparer.Ordinal)
            .Select(g => g.Count() == 1 ? g.Key : string.Create(CultureInfo.InvariantCulture, $"{g.Count()}×{g.Key}")).Order(StringComparer.Ordinal));
}
