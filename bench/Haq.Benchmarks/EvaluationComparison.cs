using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Haq.Engine.Tests;

namespace Haq.Benchmarks;

/// <summary>
/// One policy's evaluation against the float model's on the same images, in turn: quantizing, opening and running, and what each kind of operator takes of one thread. Images are noise: how good a
/// policy is does not matter here.
/// </summary>
internal static class EvaluationComparison
{
    public static void Run(int rounds, int images, IEnumerable<string> paths)
    {
        Console.WriteLine("| network | images | float ms | policy ms | policy / float (min .. max) | quantize ms | open ms | run / float | as probed / float |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var shares = new List<string>();
        foreach (string path in paths)
        {
            using var bench = new Bench(path, images);
            Console.WriteLine(bench.Row(rounds));
            shares.Add(bench.Shares());
        }
        foreach (string share in shares) Console.WriteLine($"{Environment.NewLine}{share}");
    }

    private sealed class Bench : IDisposable
    {
        private readonly string _name;
        private readonly QuantizableModel _model;
        private readonly EvaluationSet _set;
        private readonly PostTrainingQuantizer _quantizer;
        private readonly int _layers;
        private int _turn;

        public Bench(string path, int images)
        {
            _name = Path.GetFileNameWithoutExtension(path);
            _model = QuantizableModel.Prepare(OnnxModel.Load(path));
            var random = new SeededRandom(1);
            string input = _model.View.Inputs[0].Name;
            long[] shape = [.. _model.Shapes[input].Shape.Skip(1).Select(d => Math.Max(1, d))];
            int one = (int)shape.Aggregate(1L, (a, b) => a * b);
            float[] values = new float[images * one];
            foreach (ref float v in values.AsSpan()) v = (float)random.NextDouble() * 2 - 1;
            var table = new Calibrator(_model).Run(new ArrayDataset(input, shape, values[..(Math.Min(16, images) * one)]));
            _quantizer = new PostTrainingQuantizer(_model, table, WeightOptions.Plain);
            _set = new EvaluationSet(_model.Float, new ArrayDataset(input, shape, values));
            _layers = _model.Layers.Length;
        }

        // Widths that differ from turn to turn, as a search's policies do.
        private Policy Next() => Policy.Uniform(_layers, new LayerBits(4 + _turn % 4, 4 + _turn++ % 5));

        public string Row(int rounds)
        {
            var (reals, policies, quantize, open, ratios, runs, probes) =
                (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            var evaluator = new MeasuredEvaluator(_quantizer, _set, integers: true);
            for (int round = -4; round < rounds; round++)
            {
                double real = Milliseconds(() => _set.RunFloat(CancellationToken.None));
                var policy = Next();
                INetwork? network = null;
                // Opening quantizes too.
                double q = Milliseconds(() => _quantizer.Quantize(policy)), o = Milliseconds(() => network = _set.OpenInIntegers(_quantizer, policy, reuse: false));
                double r = Milliseconds(() => _set.Run(network!.Run, CancellationToken.None)), c = Milliseconds(network!.Dispose);
                double p = Milliseconds(() => Probe(evaluator)) / _layers;
                if (round < 0) continue; // warm-up: every width's weights are made
                reals.Add(real);
                policies.Add(o + r + c);
                quantize.Add(q);
                open.Add(o + c - q);
                ratios.Add((o + r + c) / real);
                runs.Add(r / real);
                probes.Add(p / real);
            }
            return string.Create(CultureInfo.InvariantCulture,
                $"| {_name} | {_set.Count} | {Middle(reals):0.0} | {Middle(policies):0.0} | {Middle(ratios):0.00} ({ratios.Min():0.00} .. {ratios.Max():0.00}) ")
                + string.Create(CultureInfo.InvariantCulture, $"| {Middle(quantize):0.0} | {Middle(open):0.0} | {Middle(runs):0.00} | {Middle(probes):0.00} |");
        }

        // One other width of weights in one layer after the other, as a search scores: the mean of all.
        private void Probe(MeasuredEvaluator evaluator)
        {
            var widest = Policy.Uniform(_layers, new LayerBits(8, 8));
            for (int layer = 0; layer < _layers; layer++)
                evaluator.Evaluate(widest.With(layer, widest[layer] with { Weights = new Bitwidth(2 + _turn % 5) }), CancellationToken.None);
        }

        /// <summary>Time by operator of one batch on one thread, by ONNX Runtime's profiler: the float model beside the compiled policy.</summary>
        public string Shares()
        {
            var quantized = _quantizer.Quantize(Next());
            using var slot = _set.FirstBatch();
            var real = Profile(settings => new OrtSession(_model.Float, settings), ExactSessions.Settings, slot);
            string title = $"{_name}, one batch of {slot.Rows} on one thread, ms by operator (calls):";
            return string.Join(Environment.NewLine, [title, $"float: {Line(real)}", $"policy, bits of the plain form: {OfPolicy(false)}", $"policy in integers: {OfPolicy(true)}"]);

            string OfPolicy(bool integers)
            {
                if (CompiledGraph.Of(quantized, _set.Outputs, integers) is not { } graph) return "not compiled";
                var message = graph.Write(quantized, null, null);
                return Line(Profile(settings => new OrtSession(message, _name, settings, _model.Float.External.Folder), CompiledGraph.Settings, slot));
            }
        }

        private static (double Whole, Dictionary<string, (double Time, int Calls)> Operators) Profile(Func<SessionSettings, OrtSession> open, SessionSettings settings, SampleCache.Slot slot)
        {
            const int Runs = 30, Warm = 5;
            string folder = Directory.CreateTempSubdirectory("haq-bench-").FullName;
            try
            {
                using var session = open(settings with { ProfilePrefix = Path.Combine(folder, "profile") });
                var whole = new List<double>();
                for (int i = 0; i < Runs + Warm; i++)
                {
                    double time = Milliseconds(() =>
                    {
                        foreach (var output in session.Run(slot.Inputs)) output.Dispose();
                    });
                    if (i >= Warm) whole.Add(time);
                }
                using var document = JsonDocument.Parse(File.ReadAllText(session.EndProfiling()));
                var nodes = document.RootElement.EnumerateArray()
                    .Where(e => e.GetProperty("cat").GetString() == "Node" && e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal));
                var operators = nodes.GroupBy(e => e.GetProperty("name").GetString()!)
                    .Select(node => (Op: node.First().GetProperty("args").GetProperty("op_name").GetString()!, Time: Middle([.. node.Skip(Warm).Select(e => e.GetProperty("dur").GetDouble() / 1000)])))
                    .GroupBy(n => n.Op).ToDictionary(g => g.Key, g => (g.Sum(n => n.Time), g.Count()));
                return (Middle(whole), operators);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        private static string Line((double Whole, Dictionary<string, (double Time, int Calls)> Operators) profile) => string.Create(CultureInfo.InvariantCulture,
            $"{profile.Whole:0.00} whole, {profile.Operators.Values.Sum(o => o.Time):0.00} in operators: ") + string.Join(", ", profile.Operators.OrderByDescending(o => o.Value.Time).Select(o =>
                string.Create(CultureInfo.InvariantCulture, $"{o.Key} {o.Value.Time:0.00} ({o.Value.Calls})")));

        public void Dispose() => _set.Dispose();
    }

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Middle(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
