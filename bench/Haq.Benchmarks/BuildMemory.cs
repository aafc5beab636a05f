using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Haq.Engine.Diagnostics;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;

namespace Haq.Benchmarks;

/// <summary>
/// Peak memory of whole builds against the goal: 1.5 times the model and one batch's activations, and 150 MB. Each is a process of <c>haq quantize</c> with an empty cache, whose resident size
/// (VmHWM) is read ten times a second, and whose stage is read from its progress. Linux only. Run with <c>… -- memory builds HAQ.DLL MANIFEST…</c>, or with
/// <c>… -- memory models HAQ.DLL SECONDS FOLDER…</c> for every network of some folders at 8 bits, on noise, each for so many seconds at most.
/// </summary>
internal static partial class BuildMemory
{
    private const double MegaByte = 1e6, Beside = 150, Factor = 1.5;

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>Measures every manifest and prints a table.</summary>
    public static int Run(string tool, IReadOnlyList<string> manifests)
    {
        Head();
        bool failed = false;
        foreach (string manifest in manifests) failed |= !Row(tool, Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(manifest))!), Path.GetFullPath(manifest), s_day);
        return failed ? 1 : 0;
    }

    /// <summary>Measures 8-bit builds of every network that lies in some folders and prints a table.</summary>
    public static int Run(string tool, int seconds, IReadOnlyList<string> folders)
    {
        Head();
        foreach (string model in folders.SelectMany(f => Directory.EnumerateFiles(f, "*.onnx").Order(StringComparer.Ordinal)))
        {
            string folder = Directory.CreateTempSubdirectory("haq-memory-").FullName, name = Path.GetFileNameWithoutExtension(model);
            try
            {
                Row(tool, name, NoiseManifest.Write(Path.GetFullPath(model), folder), TimeSpan.FromSeconds(seconds));
            }
            catch (HaqException e)
            {
                Console.WriteLine($"| {name} | | | | | | not built: {e.Diagnostic.Descriptor.Code} | |");
            }
            catch (NotSupportedException e)
            {
                Console.WriteLine($"| {name} | | | | | | {e.Message} | |");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        return 0;
    }

    private static void Head()
    {
        Console.WriteLine("| build | model MB | activations of a batch MB | goal MB | peak MB | peak / goal | where | seconds |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
    }

    private static bool Row(string tool, string name, string manifest, TimeSpan limit)
    {
        var (model, activations) = Sizes(manifest);
        var clock = Stopwatch.StartNew();
        var (peak, stage, exit) = Watch(tool, manifest, limit);
        double goal = Factor * (model + activations) + Beside;
        if (exit != 0) name += exit is { } code ? string.Create(CultureInfo.InvariantCulture, $" (exit {code})") : " (not finished)";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {model:0.0} | {activations:0} | {goal:0} | {peak:0} | {peak / goal:0.00} | {stage} | {clock.Elapsed.TotalSeconds:0} |"));
        return exit == 0;
    }

    // Of the model's file, and of all tensors of real numbers that a batch of an evaluation makes: 16 samples of small ones, 4 of others.
    private static (double Model, double Activations) Sizes(string path)
    {
        var manifest = ManifestReader.Read(path);
        var source = OnnxModel.Load(manifest.Model.FullPath);
        double bytes = new FileInfo(manifest.Model.FullPath).Length + source.DataFiles().Sum(f => (double)new FileInfo(f).Length);
        var shapes = manifest.Inputs.Where(i => i.Shape is not null).ToDictionary(i => i.Name, i => i.Shape!.Value.Select(e => (long)e).ToArray(), StringComparer.Ordinal);
        var model = QuantizableModel.Prepare(source, new PreparationOptions { InputShapes = shapes });
        long values = 0;
        foreach (string tensor in model.View.Order.SelectMany(n => n.Output))
            if (model.Shapes.TryGet(tensor, out var type) && ElementTypes.IsReal(type.Type)) values += type.Count;
        long inputs = model.View.Inputs.Sum(i => model.Shapes.TryGet(i.Name, out var type) ? type.Count : 0) / model.Shapes.Batch;
        return (bytes / MegaByte, (inputs <= 1 << 14 ? 16 : 4) * sizeof(float) * (double)values / model.Shapes.Batch / MegaByte);
    }

    private static (double Peak, string Stage, int? Exit) Watch(string tool, string manifest, TimeSpan limit)
    {
        string work = Directory.CreateTempSubdirectory("haq-memory-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet", [tool, "quantize", manifest, "--output", work]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["HAQ_CACHE"] = Path.Combine(work, "cache");
            using var process = Process.Start(start)!;
            var clock = Stopwatch.StartNew();
            string stage = "start", at = "start";
            double peak = 0;
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is { } text && StageName().Match(text) is { Success: true } found) Volatile.Write(ref stage, found.Value);
            };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            while (!process.WaitForExit(100))
            {
                double now = HighWater(process.Id);
                if (now > peak) (peak, at) = (now, Volatile.Read(ref stage));
                if (clock.Elapsed < limit) continue;
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                return (peak, at, null);
            }
            return (peak, at, process.ExitCode);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static double HighWater(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM", StringComparison.Ordinal)) ?? "x 0 kB";
            return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / MegaByte;
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }

    [GeneratedRegex("^[a-z]+")]
    private static partial Regex StageName();
}
