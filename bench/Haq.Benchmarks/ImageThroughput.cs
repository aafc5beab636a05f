using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Benchmarks;

/// <summary>Images per second from a folder or zip of JPEGs to the batches that a network takes, decoded and read back from the cache, and the memory that takes.</summary>
internal static class ImageThroughput
{
    private const int Side = 224, BatchSize = 32;

    public static void Run(string path, int? samples)
    {
        string cache = Path.Combine(Path.GetTempPath(), $"haq-images-{Guid.NewGuid():n}");
        Directory.CreateDirectory(cache);
        try
        {
            var file = new FileReference(path, Path.GetFullPath(path), new SourceLocation(path));
            var options = new DatasetOptions([new DataFile(null, file)]) { Samples = samples, Preprocess = new PreprocessOptions { Scale = 127.5, Mean = [1], Resize = [Side, Side] } };
            Measure("decoded and resized", options);
            Measure("decoded into the cache", options with { CacheFolder = cache });
            Measure("read from the cache", options with { CacheFolder = cache });
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    private static void Measure(string what, DatasetOptions options)
    {
        var clock = Stopwatch.StartNew();
        using var dataset = Dataset.Open(options, [new TensorInfo("input", global::Onnx.TensorProto.Types.DataType.Float, [-1, 3, Side, Side])], []);
        double sum = 0;
        int seen = 0;
        foreach (var batch in Batches.InOrder(dataset, BatchSize))
        {
            sum += batch.Inputs[0].Values<float>()[0];
            seen += batch.Count;
        }
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {seen} images, {seen / clock.Elapsed.TotalSeconds:F0} images/s on {Environment.ProcessorCount} cores, peak memory {process.PeakWorkingSet64 / 1e6:F0} MB (checksum {sum:F3})"));
    }
}
