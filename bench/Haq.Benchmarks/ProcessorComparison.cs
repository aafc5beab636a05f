using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;

namespace Haq.Benchmarks;

/// <summary>
/// Builds all of a folder's models for the processor that this runs on, and prints a line for each: time against float and against everything in 8
/// bits, size, agreement of the outputs, how far the predicted
/// time was off, and seconds of the build. A <c>haq.yaml</c> or <c>*.haq.yaml</c> is taken as it is; a model without one beside it gets the default manifest and samples of noise.
/// </summary>
internal static class ProcessorComparison
{
    private const int Samples = 48;

    public static void Run(string folder)
    {
        string work = Directory.CreateTempSubdirectory("haq-processors-").FullName;
        try
        {
            Console.WriteLine($"{Processor.Here}, ONNX Runtime {OrtVersion.Text}");
            Console.WriteLine("| model | time / float | interval | float ms | time / int8 | size / float | cosine | top-1 lost | predicted / measured | files measured, each predicted / measured | integers | build s | of that, by stage |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
            var ratios = new List<double>();
            foreach (string manifest in Manifests(folder, work))
                if (Build(manifest, work) is { } ratio) ratios.Add(ratio);
            if (ratios.Count > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"geometric mean of {ratios.Count}: {Math.Exp(ratios.Average(Math.Log)):0.000}"));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static double? Build(string manifest, string work)
    {
        string name = Path.GetFileName(manifest) == "haq.yaml" ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(manifest)))! : Path.GetFileNameWithoutExtension(manifest);
        var clock = Stopwatch.StartNew();
        string copy = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(manifest))!, $"{name}.{Guid.NewGuid():N}.haq.yaml"), locked = Path.ChangeExtension(copy, ".lock.json");
        try
        {
            // An empty cache and no lock file each: what is printed is a whole build.
            File.Copy(manifest, copy);
            var options = new PipelineOptions(copy, new StageCache(Path.Combine(work, "cache", name))) { OutputFolder = Path.Combine(work, "out", name) };
            var report = ManifestBuild.Run(options, null, CancellationToken.None).Report;
            if (report.Measured is not { } m)
            {
                Console.WriteLine($"| {name} | not measured: its manifest is for {report.Hardware.Name} |");
                return null;
            }
            double size = report.Files[1].Bytes / (double)report.Files[0].Bytes;
            string lost = report.Gain.AccuracyVsFloat is { } points && report.Gain.AccuracyMetric == "top1" ? (-points).ToString("0.00", CultureInfo.InvariantCulture) : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {m.Ratio:0.000} | {m.RatioLow:0.000}..{m.RatioHigh:0.000} | {m.FloatMs:0.000} | {m.QuantizedMs / m.UniformInt8Ms:0.000} | {size:0.00} | {report.Delivered?.Cosine:0.0000} | {lost} | {m.PredictedMs / m.QuantizedMs:0.00} | {m.Files.Length}:{Errors(m)} | {m.Integers}/{m.Operators} | {clock.Elapsed.TotalSeconds:0} | {Stages(report)} |"));
            return m.Ratio;
        }
        catch (HaqException e)
        {
            Console.WriteLine($"| {name} | {e.Diagnostic.Descriptor.Code}: {e.Message.Replace('|', '/').ReplaceLineEndings(" ")} |");
            return null;
        }
        finally
        {
            File.Delete(copy);
            File.Delete(locked);
        }
    }

    // What costs said of a file before it was measured: the first ones are what costs come from.
    private static string Errors(MeasuredFacts measured) =>
        string.Concat(measured.Files.Where(f => f.PredictedMs is not null).Select(f => string.Create(CultureInfo.InvariantCulture, $" {f.PredictedMs / f.MeasuredMs:0.00}")));

    // What took a second or more.
    private static string Stages(ReportModel report) => report.Timings is null ? "" : string.Join(", ", report.Timings.Stages.Where(s => s.Seconds >= 1)
        .OrderByDescending(s => s.Seconds).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Stage} {s.Seconds:0}")));

    private static IEnumerable<string> Manifests(string folder, string work)
    {
        string[] manifests = [.. Directory.EnumerateFiles(folder, "*haq.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (string manifest in manifests) yield return manifest;
        var described = manifests.Select(m => Path.GetDirectoryName(Path.GetFullPath(m))).ToHashSet(StringComparer.Ordinal);
        foreach (string model in Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (model.EndsWith(".haq.onnx", StringComparison.Ordinal) || described.Contains(Path.GetDirectoryName(Path.GetFullPath(model)))) continue;
            if (Described(model, work) is { } manifest) yield return manifest;
        }
    }

    private static string? Described(string model, string work)
    {
        string name = Path.GetFileNameWithoutExtension(model);
        try
        {
            using var session = new OrtSession(OnnxModel.Load(model), new SessionSettings { Threads = 1 });
            if (session.Inputs is not [{ Type: DataType.Float } input] || input.Shape.Skip(1).Any(extent => extent < 1))
            {
                Console.WriteLine($"| {name} | left out: it has other inputs than one of 32-bit reals and known extents; give it a manifest |");
                return null;
            }
            string data = Path.Combine(work, $"{name}.bin"), manifest = Path.Combine(work, $"{name}.haq.yaml");
            var random = new SeededRandom(1);
            byte[] noise = new byte[Samples * input.Shape.Skip(1).Aggregate(1L, (a, b) => a * b) * sizeof(float)];
            foreach (ref float value in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(noise.AsSpan())) value = (float)random.NextNormal();
            File.WriteAllBytes(data, noise);
            File.WriteAllText(manifest, $$$"""
                model: "{{{Path.GetFullPath(model)}}}"
                output: "{{{name}}}.haq.onnx"
                hardware: {name: onnxruntime, threads: 2}
                objective: latency
                budget: {accuracy-drop: 1 %}
                metric: cosine
                data: {evaluation: {path: "{{{data}}}", format: raw, dtype: float32, shape: [{{{string.Join(", ", input.Shape.Skip(1))}}}]}}

                """);
            return manifest;
        }
        catch (HaqException e)
        {
            Console.WriteLine($"| {name} | {e.Diagnostic.Descriptor.Code}: {e.Message.Replace('|', '/').ReplaceLineEndings(" ")} |");
            return null;
        }
    }
}
