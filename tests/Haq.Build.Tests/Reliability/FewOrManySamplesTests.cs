using System.Diagnostics;
using System.Globalization;
using Haq.Build.Tests.Builds;
using Haq.Tool.BuildHost;

namespace Haq.Build.Tests.Reliability;

/// <summary>What a build takes in memory, as a process of its own, however many samples it is given.</summary>
public sealed class FewOrManySamplesTests : IDisposable
{
    private const int Few = 64, Many = 1024;

    // Half of the many samples are calibrated and searched on, half are evaluated: either half is twice as much.
    private const long Margin = 80_000_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("haq-samples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_thousand_samples_take_no_more_memory_than_a_few()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells a process's largest resident size.");
        long few = Peak(Few), many = Peak(Many);
        Assert.InRange(few, Margin / 2, many + Margin);
        Assert.InRange(many, 0, few + Margin);
    }

    private long Peak(int samples)
    {
        string project = Path.Combine(_folder, samples.ToString(CultureInfo.InvariantCulture));
        TinyModel.WriteLarge(project, samples);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(BuildSession).Assembly.Location, "quantize", Path.Combine(project, "haq.yaml"), "--output", Path.Combine(project, "out")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["HAQ_CACHE"] = Path.Combine(project, "cache");
        using var process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        long peak = 0;
        while (!process.WaitForExit(10))
        {
            peak = Math.Max(peak, HighWater(process.Id));
            if (clock.Elapsed < s_patience) continue;
            process.Kill(entireProcessTree: true);
            Assert.Fail($"a build of {samples} samples did not end: {said.Result}{output.Result}");
        }
        Assert.True(process.ExitCode == 0, said.Result + output.Result);
        return peak;
    }

    private static long HighWater(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }
}
