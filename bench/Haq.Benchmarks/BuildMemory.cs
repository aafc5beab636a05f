using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;

namespace Haq.Benchmarks;

/// <summary>
/// Peak memory of whole builds against the goal: 1.5 times the model and one batch's activations, and 150 MB. Each is a process of <c>haq quantize</c> with an empty cache, whose resident size
/// (VmHWM) is read ten times a second, and whose stage is read from its progress. Linux only. Run with <c>… -- memory builds HAQ.DLL MANIFEST…</c>.
/// </summary>
internal static partial class BuildMemory
{
    private const double MegaByte = 1e6, Beside = 150, Factor = 1.5;

    /// <summary>Measures every manifest and prints a table.</summary>
    public static int Run(string tool, IReadOnlyList<string> manifests)
    {
        Console.WriteLine("| build | model MB | activations of a batch MB | goal MB | peak MB | peak / goal | where | seconds |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        bool failed = false;
        foreach (string manifest in manifests)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(manifest))!;
            var (model, activations) = Sizes(manifest);
            var clock = Stopwatch.StartNew();
            var (peak, stage, exit) = Watch(tool, Path.GetFullPath(manifest));
            failed |= exit != 0;
            double goal = Factor * (model + activations) + Beside;
            string name = Path.GetFileName(folder) + (exit == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (exit {exit})"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {model:0.0} | {activations:0} | {goal:0} | {peak:0} | {peak / goal:0.00} | {stage} | {clock.Elapsed.TotalSeconds:0} |"));
        }
        return failed ? 1 : 0;
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

    private static (double Peak, string Stage, int Exit) Watch(string tool, string manifest)
    {
        string work = Directory.CreateTempSubdirectory("haq-memory-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet", [tool, "quantize", manifest, "--output", work]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["HAQ_CACHE"] = Path.Combine(work, "cache");
            using var process = Process.Start(start)!;
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
