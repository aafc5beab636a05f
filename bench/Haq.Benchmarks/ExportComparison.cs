using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Benchmarks;

/// <summary>
/// Time of one sample of a float model and of its exported form in stock sessions of two threads. Both are measured in every round, the order turning, so that what
/// else the machine does meets both; the ratio is taken round by round.
/// </summary>
internal static class ExportComparison
{
    private const int Warmups = 5;

    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);

    public static void Run(string original, string exported, int rounds)
    {
        // A session's defaults: no spinning is the engine's own choice and would not be a user's.
        var settings = new SessionSettings { Threads = 2, Spinning = true };
        using var before = new OrtSession(OnnxModel.Load(original), settings);
        using var after = new OrtSession(OnnxModel.Load(exported), settings);
        var (slow, fast, ratios) = (new double[rounds], new double[rounds], new double[rounds]);
        var inputs = Samples(before);
        try
        {
            for (int i = 0; i < Warmups; i++)
            {
                Once(before, inputs);
                Once(after, inputs);
            }
            for (int round = 0; round < rounds; round++)
            {
                if (round % 2 == 0) slow[round] = Median(before, inputs);
                fast[round] = Median(after, inputs);
                if (round % 2 == 1) slow[round] = Median(before, inputs);
                ratios[round] = fast[round] / slow[round];
            }
        }
        finally
        {
            foreach (var tensor in inputs.Values) tensor.Dispose();
        }
        Print(Path.GetFileName(original), slow, "ms");
        Print(Path.GetFileName(exported), fast, "ms");
        Print("exported / original", ratios, "");
    }

    private static Dictionary<string, OrtTensor> Samples(OrtSession session)
    {
        var random = new SeededRandom(1);
        var samples = new Dictionary<string, OrtTensor>();
        foreach (var input in session.Inputs)
        {
            var tensor = OrtTensor.Zeros(input.Type, [.. input.Shape.Select(d => Math.Max(1, d))]);
            if (input.Type == DataType.Float)
                foreach (ref float value in tensor.Values<float>()) value = (float)random.NextNormal();
            samples[input.Name] = tensor;
        }
        return samples;
    }

    private static double Median(OrtSession session, Dictionary<string, OrtTensor> inputs)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_turn) times.Add(Once(session, inputs));
        return Middle([.. times]);
    }

    private static double Once(OrtSession session, Dictionary<string, OrtTensor> inputs)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (var output in session.Run(inputs)) output.Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Middle(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }

    private static void Print(string what, double[] values, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {Middle(values):F2} {unit} ({values.Min():F2} to {values.Max():F2}, {values.Length} rounds)"));
}
