using System.Globalization;
using System.IO.Compression;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Zoo;

namespace Haq.Benchmarks;

/// <summary>A manifest that builds any network at 8 bits, and seeded noise for its inputs, for what a build takes where the network's data is not at hand.</summary>
internal static class NoiseManifest
{
    private const int Samples = 64, SamplesOfImages = 32, Image = 3 * 96 * 96;

    // Extents that a graph leaves open: of images, and of everything else, as tokens.
    private const long Pixels = 224, Tokens = 64;

    /// <summary>Writes both into a folder.</summary>
    /// <returns>The manifest.</returns>
    /// <exception cref="HaqException">The network cannot be read, or a shape cannot be worked out.</exception>
    public static string Write(string model, string folder)
    {
        var view = new GraphView(OnnxModel.Load(model));
        var shapes = view.Inputs.ToDictionary(i => i.Name, i => Closed(i.Type.TensorType.Shape.Dim), StringComparer.Ordinal);
        using var noise = new RandomDataset(view, ShapeProbe.Infer(view, shapes), shapes.Values.Sum(s => s.Aggregate(1L, (a, b) => a * b)) < Image ? Samples : SamplesOfImages);
        var inputs = new StringBuilder();
        using (var data = new ZipArchive(File.Create(Path.Combine(folder, "data.npz")), ZipArchiveMode.Create))
        {
            for (int i = 0; i < noise.Inputs.Length; i++)
            {
                string array = string.Create(CultureInfo.InvariantCulture, $"array{i}");
                using (var entry = data.CreateEntry(array + ".npy", CompressionLevel.NoCompression).Open()) WriteArray(entry, noise, i);
                inputs.Append(CultureInfo.InvariantCulture, $"  '{noise.Inputs[i].Name}': {{shape: [{string.Join(", ", shapes[noise.Inputs[i].Name])}], array: {array}}}\n");
            }
        }
        string manifest = Path.Combine(folder, "haq.yaml");
        File.WriteAllText(manifest, $"model: '{model}'\noutput: out.onnx\nhardware: bismo-edge\nbits: 8\ngate: warning\ninputs:\n{inputs}data:\n  evaluation: {{path: data.npz}}\n");
        return manifest;
    }

    private static long[] Closed(IReadOnlyList<Onnx.TensorShapeProto.Types.Dimension> dims) =>
        [.. dims.Select((d, axis) => d.DimValue > 0 ? d.DimValue : axis == 0 ? 1 : dims.Count == 4 ? Pixels : Tokens)];

    // Samples lie along a first axis, which is the input's own where it has one for them.
    private static void WriteArray(Stream stream, RandomDataset noise, int input)
    {
        var info = noise.Inputs[input];
        var sample = info.Shape.Length > 0 && info.Shape[0] == 1 ? info.Shape.Skip(1) : info.Shape;
        string header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '{Kind(info.Type)}', 'fortran_order': False, 'shape': ({string.Join(",", sample.Prepend(noise.Count))},), }}");
        header = header.PadRight(((header.Length + 11 + 63) / 64 * 64) - 11) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        using var batch = new Batch(noise, 1);
        for (int i = 0; i < noise.Count; i++)
        {
            batch.Fill(noise, [i]);
            stream.Write(batch.Inputs[input].Bytes);
        }
    }

    private static string Kind(DataType type) => type switch
    {
        DataType.Float => "<f4",
        DataType.Double => "<f8",
        DataType.Float16 => "<f2",
        DataType.Int64 => "<i8",
        DataType.Int32 => "<i4",
        DataType.Uint8 => "|u1",
        DataType.Int8 => "|i1",
        DataType.Bool => "|b1",
        _ => throw new NotSupportedException($"noise of {type}"),
    };
}
