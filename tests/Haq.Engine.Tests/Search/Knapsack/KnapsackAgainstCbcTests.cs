using System.Diagnostics;
using System.Globalization;
using System.Text;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Tests.Search.Knapsack;

/// <summary>The same problems solved by COIN-OR's cbc, as 0/1 programs; skipped where it is not installed.</summary>
public sealed class KnapsackAgainstCbcTests
{
    [Theory]
    [InlineData(28, 0.6, null)]
    [InlineData(28, 0.35, null)]
    [InlineData(53, 0.5, null)]
    [InlineData(28, 0.5, 0.55)]
    [InlineData(53, 0.35, 0.45)]
    public void The_optimum_is_that_of_cbc_within_the_reported_gap(int layers, double latency, double? size)
    {
        string cbc = Find() ?? "";
        if (cbc.Length == 0) Assert.Skip("cbc is not installed (Debian: coinor-cbc)");
        var network = new SyntheticNetwork(layers, seed: (ulong)layers, groups: [.. Enumerable.Range(0, layers).Select(i => i % 7 == 4 ? i - 1 : i)]);
        var eight = network.Costs.Price(Policy.Uniform(layers, new LayerBits(8, 8)));
        var budget = network.LatencyOf(latency) with { SizeBits = size is { } s ? (long)(s * eight.SizeBits) : null };
        var damage = KnapsackTests.Additive(network);
        var solution = new PolicyKnapsack(network.Space, network.Costs, budget, damage).Solve();
        Assert.NotNull(solution);
        double optimum = Solve(cbc, Program(network, budget, damage));
        // cbc prints eight digits.
        Assert.InRange(solution.Damage, optimum * (1 - 1e-5), optimum * (1 + solution.RelativeGap + 1e-5));
        Assert.True(solution.Bound <= optimum * (1 + 1e-5));
        Assert.Equal(0, solution.RelativeGap);
    }

    // One binary per layer and pair, one binary per group and activation width that ties its members together.
    private static string Program(SyntheticNetwork network, Budget budget, Func<int, LayerBits, double> damage)
    {
        var objective = new StringBuilder("Minimize\n obj:");
        var latency = new StringBuilder(" latency:");
        var size = new StringBuilder(" size:");
        var rows = new StringBuilder();
        var binaries = new StringBuilder("Binary\n");
        foreach (var group in network.Space.Groups)
        {
            foreach (int layer in group)
            {
                rows.Append(CultureInfo.InvariantCulture, $" one{layer}:");
                foreach (var b in network.Space.ChoicesOf(layer))
                {
                    string x = Name(layer, b);
                    objective.Append(CultureInfo.InvariantCulture, $" + {1e6 * damage(layer, b):R} {x}\n");
                    latency.Append(CultureInfo.InvariantCulture, $" + {network.Costs[layer, b].Cycles} {x}\n");
                    size.Append(CultureInfo.InvariantCulture, $" + {network.Costs.SizeBits(layer, b.Weights)} {x}\n");
                    rows.Append(CultureInfo.InvariantCulture, $" + {x}");
                    binaries.Append(CultureInfo.InvariantCulture, $" {x}\n");
                }
                rows.Append(" = 1\n");
                if (layer == group[0]) continue;
                foreach (var a in network.Space.ActivationsOf(layer))
                {
                    rows.Append(CultureInfo.InvariantCulture, $" tie{layer}_{a}:");
                    foreach (var w in network.Space.WeightsOf(layer, a)) rows.Append(CultureInfo.InvariantCulture, $" + {Name(layer, new LayerBits(w, a))}");
                    foreach (var w in network.Space.WeightsOf(group[0], a)) rows.Append(CultureInfo.InvariantCulture, $" - {Name(group[0], new LayerBits(w, a))}");
                    rows.Append(" = 0\n");
                }
            }
        }
        latency.Append(CultureInfo.InvariantCulture, $" <= {Math.Floor(budget.LatencySeconds!.Value * 200e6 + 1e-6)}\n");
        if (budget.SizeBits is { } bits) size.Append(CultureInfo.InvariantCulture, $" <= {bits - network.Costs.FixedBits}\n");
        else size.Clear();
        return $"{objective}Subject To\n{latency}{size}{rows}{binaries}End\n";
    }

    private static string Name(int layer, LayerBits bits) => $"x{layer}_{bits}";

    private static double Solve(string cbc, string program)
    {
        string folder = Directory.CreateTempSubdirectory("haq-cbc-").FullName;
        try
        {
            string file = Path.Combine(folder, "knapsack.lp"), answer = Path.Combine(folder, "answer.txt");
            File.WriteAllText(file, program);
            var start = new ProcessStartInfo(cbc) { RedirectStandardOutput = true };
            foreach (string argument in (string[])[file, "ratio", "0", "allow", "0", "solve", "solution", answer]) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            string log = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string first = File.ReadLines(answer).First();
            Assert.True(first.StartsWith("Optimal", StringComparison.Ordinal), log);
            return double.Parse(first[(first.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) / 1e6;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "cbc")).FirstOrDefault(File.Exists);
}
