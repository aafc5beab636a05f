using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Autodiff;

namespace Haq.Benchmarks.Steps;

/// <summary>
/// Training steps against PyTorch on the same shapes, interleaved: a round measures each contender for a moment, so that whatever else the machine does meets all alike.
/// The agent's update has no kernels in ONNX Runtime: it is plain C#, on one thread.
/// Run with <c>dotnet run -c Release --project bench/Haq.Benchmarks -- steps [rounds] [only]</c>; PyTorch takes part where <c>/usr/bin/python3</c> has it.
/// </summary>
internal static class StepComparison
{
    public static void Run(int rounds, string? only)
    {
        Console.WriteLine("| step | PyTorch ms | kernels ms | standard ms | kernels / PyTorch (min .. max) | standard / PyTorch |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var (name, torch, build) in StepNetwork.Of(only))
        {
            using var custom = build(KernelSet.Custom, StepNetwork.Threads);
            using var standard = build(KernelSet.Standard, StepNetwork.Threads);
            using var python = StartPython(torch);
            var (t, c, s) = (new List<double>(), new List<double>(), new List<double>());
            for (int round = 0; round <= rounds; round++)
            {
                double a = python is null ? double.NaN : Ask(python), b = Median(custom), d = Median(standard);
                if (round == 0) continue; // warm-up
                t.Add(a);
                c.Add(b);
                s.Add(d);
            }
            double[] ratios = [.. c.Zip(t, (x, y) => x / y).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {Middle(t):0.00} | {Middle(c):0.00} | {Middle(s):0.00} | {Middle(ratios):0.00} ({ratios[0]:0.00} .. {ratios[^1]:0.00}) | {Middle(s.Zip(t, (x, y) => x / y)):0.00} |"));
            if (python is { HasExited: false }) python.StandardInput.Close();
        }
    }

    private static double Median(ITrainingStep network)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < 1)
        {
            long from = Stopwatch.GetTimestamp();
            network.Step();
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        }
        return Middle(times);
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private static Process? StartPython(string network)
    {
        string script = Path.Combine(Repository(), "bench", "pytorch", "training_step.py");
        if (!File.Exists("/usr/bin/python3")) return null;
        var info = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add(script);
        foreach (string argument in network.Split(' ')) info.ArgumentList.Add(argument);
        info.ArgumentList.Add(StepNetwork.Threads.ToString(CultureInfo.InvariantCulture));
        // Returning memory to the system between steps costs PyTorch a third of its time; this is its best setting.
        info.Environment["MALLOC_MMAP_THRESHOLD_"] = info.Environment["MALLOC_TRIM_THRESHOLD_"] = "4294967295";
        var process = Process.Start(info)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return process.StandardOutput.ReadLine() == "ready" ? process : null;
    }

    private static double Ask(Process python)
    {
        python.StandardInput.WriteLine("measure");
        python.StandardInput.Flush();
        return double.Parse(python.StandardOutput.ReadLine() ?? "nan", CultureInfo.InvariantCulture);
    }

    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Haq.Build.sln"))) return folder.FullName;
        return Directory.GetCurrentDirectory();
    }
}
