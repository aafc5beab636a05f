using Haq.Benchmarks.Steps;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Benchmarks;

/// <summary>Keeps what a benchmark prints in <c>bench/results/PROCESSOR/NAME.md</c>, under a head that says on what it was measured.</summary>
internal sealed class RecordedRun : TextWriter
{
    private readonly TextWriter _console = Console.Out;
    private readonly StringBuilder _kept = new();
    private readonly string _file;

    private RecordedRun(string file) => _file = file;

    public override Encoding Encoding => _console.Encoding;

    /// <summary>Everything that is printed from now on is kept too, and written when this is disposed.</summary>
    public static RecordedRun Start(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(StepComparison.Repository(), "bench", "results", Processor())).FullName;
        var run = new RecordedRun(Path.Combine(folder, name + ".md"));
        Console.SetOut(run);
        return run;
    }

    public override void Write(char value)
    {
        _console.Write(value);
        _kept.Append(value);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Console.SetOut(_console);
            File.WriteAllText(_file, $"# {Path.GetFileNameWithoutExtension(_file)}\n\n{Head()}\n\n{_kept.ToString().ReplaceLineEndings("\n")}");
        }
        base.Dispose(disposing);
    }

    /// <summary>The folder's name: architecture, the widest instructions that count, cores.</summary>
    public static string Processor()
    {
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return string.Create(CultureInfo.InvariantCulture, $"{architecture}-{Instructions()}-{Environment.ProcessorCount}-cores");
    }

    /// <summary>The widest instructions that count.</summary>
    public static string Instructions()
    {
        string instructions = Vector512.IsHardwareAccelerated && Avx512BW.IsSupported ? "avx512" : Avx2.IsSupported ? "avx2" : Vector128.IsHardwareAccelerated ? "simd128" : "scalar";
        if (AvxVnni.IsSupported || (Avx512BW.IsSupported && HasFlag("avx512_vnni"))) instructions += "-vnni";
        return instructions;
    }

    /// <summary>Of the runtime and of ONNX Runtime.</summary>
    public static string Versions() => $".NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    private static string Head() => string.Create(CultureInfo.InvariantCulture,
        $"{ModelName()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {Versions()}. Arguments: `{string.Join(' ', Environment.GetCommandLineArgs()[1..])}`.");

    private static bool HasFlag(string flag) => CpuInfo("flags")?.Split(' ').Contains(flag) == true;

    /// <summary>The processor's name for itself.</summary>
    public static string ModelName() => CpuInfo("model name") ?? "a processor without a name";

    // Linux tells; elsewhere the folder's name has to do.
    private static string? CpuInfo(string key)
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file)) return null;
        return File.ReadLines(file).Select(l => l.Split(':', 2)).FirstOrDefault(p => p.Length == 2 && p[0].Trim() == key)?[1].Trim();
    }
}
