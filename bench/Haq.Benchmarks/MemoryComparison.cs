using Haq.Benchmarks.Steps;
using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Autodiff;

namespace Haq.Benchmarks;

/// <summary>
/// Peak memory of a training step against the activations of one batch: what the resident size rises by above that of the loaded session, once the step was run.
/// Linux only, where the peak can be reset. Run with <c>… -- memory</c>.
/// </summary>
internal static class MemoryComparison
{
    private static readonly (string Name, Func<TrainingNetwork> Build)[] s_networks =
    [
        ("MobileNetV1-0.25, 32x32, batch 64, LSQ", () => TrainingNetwork.MobileNetV1(0.25, 32, 64, true, KernelSet.Custom, 2)),
        ("MobileNetV1-1.0, 32x32, batch 64, LSQ", () => TrainingNetwork.MobileNetV1(1, 32, 64, true, KernelSet.Custom, 2)),
        ("MobileNetV1-0.25, 96x96, batch 32, LSQ", () => TrainingNetwork.MobileNetV1(0.25, 96, 32, true, KernelSet.Custom, 2)),
        ("ResNet-20, 32x32, batch 64, LSQ", () => TrainingNetwork.ResNet20(64, true, KernelSet.Custom, 2)),
    ];

    /// <summary>Measures every network in a process of its own: what an earlier one gave back would otherwise be taken again unseen.</summary>
    public static void RunAll()
    {
        Console.WriteLine("| step | activations MB | resident after loading MB | peak above it MB | peak / activations |");
        Console.WriteLine("|---|---|---|---|---|");
        for (int i = 0; i < s_networks.Length; i++)
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(MemoryComparison).Assembly.Location, "memory", i.ToString(CultureInfo.InvariantCulture)]))!;
            process.WaitForExit();
        }
    }

    public static void Run(int index)
    {
        var (name, build) = s_networks[index];
        using var network = build();
        double loaded = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5");
        for (int i = 0; i < 5; i++) network.Step();
        double peak = Status("VmHWM") - loaded, activations = network.ActivationBytes / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {activations:0} | {loaded:0} | {peak:0} | {peak / activations:0.00} |"));
    }

    // Megabytes of an entry in kB.
    private static double Status(string entry) => double.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(entry, StringComparison.Ordinal)).Split((char[])[':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024 / 1e6;
}
