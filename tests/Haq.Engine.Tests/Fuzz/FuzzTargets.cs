using System.IO.Compression;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Data.Images;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Facts;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Networks;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Fuzz;

/// <summary>
/// Every reader of files that come from elsewhere. What ONNX Runtime and the decoder of images do with what is read is not among it: they are
/// native, and run in the engine's own process.
/// </summary>
internal static class FuzzTargets
{
    private static readonly TensorInfo[] s_inputs = [new("x", DataType.Float, [-1, 4])];

    /// <summary>All of them; files that a reader wants on disk go to <paramref name="folder"/>.</summary>
    public static IReadOnlyList<FuzzTarget> All(string folder) =>
    [
        new("model", [.. RandomNetworks.Kinds.SelectMany(kind => Enumerable.Range(0, 3).Select(n => RandomNetworks.Make(kind, n).ToBytes()))], ReadModel),
        new("manifest", Texts(Manifest, "model: m.onnx\nhardware: bismo-edge\nbits: 8\ndata: {evaluation: x.npy}\n"), bytes =>
            ManifestReader.Parse(Path.Combine(folder, "haq.yaml"), Encoding.UTF8.GetString(bytes))),
        new("hardware", [.. HardwareCatalog.BuiltInNames.Select(n => Encoding.UTF8.GetBytes(HardwareCatalog.TextOf(n, ".")))], bytes =>
            HardwareReader.Read("chip.yaml", Encoding.UTF8.GetString(bytes), folder)),
        new("table", Texts("layer,weight_bits,activation_bits,seconds\nconv,8,8,0.001\nconv,4,4,0.0005\n"), bytes => MeasuredCsv.Parse("times.csv", Encoding.UTF8.GetString(bytes))),
        new("policy",
            Texts("{\"version\": 1, \"model\": \"0123\", \"hardware\": \"h\", \"layers\": [{\"name\": \"conv\", \"weights\": 4, \"activations\": 8}]}"),
            bytes => PolicyFile.Parse("p.json", Encoding.UTF8.GetString(bytes))),
        new("lock", [Lock(folder)], bytes => OnDisk(folder, "haq.lock.json", bytes, path => LockFile.Read(path))),
        new("report", Texts(Report()), bytes => JsonReport.Read(Encoding.UTF8.GetString(bytes), "r.json")),
        new("npy", [Npy("<f4", "3, 4", 48), Npy("<i8", "2, 4", 64), Npy("|u1", "5, 4", 20)], bytes => ReadData(folder, "x.npy", bytes)),
        new("npz", [Zip(("x.npy", Npy("<f4", "3, 4", 48)), ("labels.npy", Npy("<i8", "3,", 24)))], bytes => ReadData(folder, "x.npz", bytes)),
        new("idx", [[0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 4, .. new byte[12]], Gzip([0, 0, 13, 2, 0, 0, 0, 2, 0, 0, 0, 4, .. new byte[32]])], bytes => ReadData(folder, "x-idx2-ubyte", bytes)),
        new("csv", Texts("a,b,c,d,label\n1,2,3,4,0\n5,6,7,8,1\n", "1;2;3;4\n5;6;7;8\n", "1\t2\t3\t4\n"), bytes => ReadData(folder, "x.csv", bytes)),
        new("images", [Zip(("a/1.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]), ("labels.csv", "a/1.png,0\n"u8.ToArray()))], bytes => ReadImages(folder, bytes)),
        new("calibration", [Calibration()], bytes => CalibrationTable.Read(new MemoryStream(bytes))),
        new("smoothing", [Smoothing()], bytes => SmoothingFile.Read(new MemoryStream(bytes))),
    ];

    private const string Manifest = """
        model: m.onnx
        output: sub/q.onnx
        format: qonnx
        hardware: {name: bismo-edge}
        budget: {latency: 0.6x, energy: 3 mJ, size: 0.5 MB, accuracy-drop: 1 %}
        objective: latency
        data:
          calibration: {path: c.npz, samples: 16}
          evaluation: {path: images/, labels: labels.csv, preprocess: {resize: 224, mean: [0.1, 0.2, 0.3], std: [1, 1, 1], layout: nchw, color: rgb}}
        layers: {"first*": {weights: 8, activations: 8}, "head/*": skip}
        bits: {weights: 2..8, activations: [4, 6, 8]}
        inputs: {image: [1, 3, 224, 224], past: {shape: [1, 0, 8], array: p}}
        metric: {kind: cosine, output: y}
        search: {strategy: auto, episodes: 60, seed: 1, samples: 100, time-limit: 10 min}
        finetune: {epochs: 1, optimizer: adam, learning-rate: 1e-3, schedule: cosine, batch: 64, loss: distillation}
        """;

    private static void ReadModel(byte[] bytes)
    {
        var model = OnnxModel.Parse(bytes, "m.onnx");
        FunctionInlining.Apply(model);
        NodeNames.Assign(model.Graph);
        var view = new GraphView(model);
        var shapes = ShapeInference.Infer(view, null);
        _ = LayerFinder.Find(view, shapes);
        _ = OpsetUpgrade.Raise(model, 21);
        _ = model.Digest();
    }

    private static void ReadData(string folder, string name, byte[] bytes) => OnDisk(folder, name, bytes, path =>
    {
        using var data = Dataset.Open(new DatasetOptions([new DataFile(null, new FileReference(name, path, new SourceLocation("haq.yaml", 1, 1)))]), s_inputs, []);
        using var batch = new Batch(data, 1);
        for (int i = 0; i < Math.Min(4, data.Count); i++) data.Read([i], batch);
    });

    private static void ReadImages(string folder, byte[] bytes) => OnDisk(folder, "x.zip", bytes, path =>
    {
        using var zip = new ImageZip(path);
        for (int i = 0; i < Math.Min(4, zip.Count); i++) _ = (zip.Read(i), zip.Stamp(i));
        _ = zip.Text("labels.csv");
    });

    private static void OnDisk(string folder, string name, byte[] bytes, Action<string> read)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        read(path);
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[] Lock(string folder)
    {
        string path = Path.Combine(folder, "haq.lock.json");
        var score = new LockedScore(90, 99, null, 0.1, 10);
        new LockFile
        {
            Engine = new LockedEngine("1.0.0", "00"),
            Inputs = new(StringComparer.Ordinal) { ["model"] = new LockedInput("m.onnx", "00") },
            Search = new LockedSearch("auto", 1, 2, 3, true),
            Policy = [new LockedLayer("conv", 8, 8)],
            Scales = new(StringComparer.Ordinal) { ["x"] = new LockedScale(8, 0.5f, 128, 0, 255) },
            Predicted = new LockedCost(1, 2, 3),
            Measured = new LockedAccuracy(score, score, null),
            Output = "00",
        }.Write(path);
        return File.ReadAllBytes(path);
    }

    private static string Report() => JsonReport.Write(Reporting.SampleReports.Of());

    private static byte[] Npy(string type, string shape, int bytes)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. new byte[bytes]];
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = zip.CreateEntry(name);
                entry.LastWriteTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var stream = entry.Open();
                stream.Write(content);
            }
        }
        return memory.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        return memory.ToArray();
    }

    private static byte[] Calibration()
    {
        var histogram = new StreamedHistogram();
        histogram.Add([0f, 1f, -2f, 0.5f]);
        using var memory = new MemoryStream();
        new CalibrationTable(new Dictionary<string, StreamedHistogram> { ["x"] = histogram }, 4).Write(memory);
        return memory.ToArray();
    }

    private static byte[] Smoothing()
    {
        using var memory = new MemoryStream();
        SmoothingFile.Write([new SmoothedTensor("x", [1f, 2f], [0f])], memory);
        return memory.ToArray();
    }
}
