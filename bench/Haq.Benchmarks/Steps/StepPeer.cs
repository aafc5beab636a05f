using System.Diagnostics;
using System.Globalization;

namespace Haq.Benchmarks.Steps;

/// <summary>A contender in a process of its own: it says <c>ready</c>, and answers every line with the median and the fastest of a second of steps, in milliseconds.</summary>
internal sealed class StepPeer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private StepPeer(Process process) => _process = process;

    /// <summary>PyTorch, where <c>/usr/bin/python3</c> has it.</summary>
    public static StepPeer? PyTorch(string arguments)
    {
        if (!File.Exists("/usr/bin/python3")) return null;
        string script = Path.Combine(StepComparison.Repository(), "bench", "pytorch", "training_step.py");
        var info = new ProcessStartInfo("/usr/bin/python3", [script, .. arguments.Split(' '), StepNetwork.Threads.ToString(CultureInfo.InvariantCulture)]);
        // Returning memory to the system between steps costs PyTorch a third of its time; this is its best setting.
        info.Environment["MALLOC_MMAP_THRESHOLD_"] = info.Environment["MALLOC_TRIM_THRESHOLD_"] = "4294967295";
        return Start(info);
    }

    /// <summary>These benchmarks, built with another engine.</summary>
    public static StepPeer? Engine(string benchmarks, string network) => Start(new ProcessStartInfo("dotnet", [benchmarks, "steps", "serve", network]));

    /// <summary>Answers like a peer.</summary>
    public static void Serve(StepNetwork network)
    {
        using var step = network.Build(Haq.Engine.Autodiff.KernelSet.Custom, StepNetwork.Threads);
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            var (median, fastest) = Measure(step);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{median} {fastest}"));
        }
    }

    /// <summary>A second of steps, at least three.</summary>
    public static (double Median, double Fastest) Measure(ITrainingStep network)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < 1)
        {
            long from = Stopwatch.GetTimestamp();
            network.Step();
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        }
        times.Sort();
        return (times[times.Count / 2], times[0]);
    }

    /// <summary>Lets it measure.</summary>
    public (double Median, double Fastest) Ask()
    {
        _process.StandardInput.WriteLine("measure");
        _process.StandardInput.Flush();
        string[] words = (Line(_process) ?? throw new InvalidOperationException($"'{_process.StartInfo.FileName}' ended or said nothing for {s_patience.TotalMinutes} minutes")).Split(' ');
        return (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    // Null when it ended, or takes too long.
    private static string? Line(Process process)
    {
        var line = process.StandardOutput.ReadLineAsync();
        return line.Wait(s_patience) ? line.Result : null;
    }

    private static StepPeer? Start(ProcessStartInfo info)
    {
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        var process = Process.Start(info)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var peer = new StepPeer(process);
        if (Line(process) == "ready") return peer;
        peer.Dispose();
        return null;
    }
}
