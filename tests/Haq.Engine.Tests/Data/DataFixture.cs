using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Data;

/// <summary>A folder for a test's files, and short ways to make data files and open them.</summary>
public sealed class DataFixture : IDisposable
{
    public DataFixture() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "haq-data-" + Path.GetRandomFileName());

    public string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static TensorInfo Input(string name, params ImmutableArray<long> shape) => new(name, DataType.Float, shape);

    public static DatasetOptions Options(string path) => new([new DataFile(null, Reference(path))]);

    public static FileReference Reference(string path) => new(Path.GetFileName(path), path, new SourceLocation("haq.yaml", 7, 12));

    public static Dataset Open(string path, params ImmutableArray<TensorInfo> inputs) => Dataset.Open(Options(path), inputs, []);

    public static float[] Row(Dataset dataset, int sample)
    {
        using var batch = new Batch(dataset, 1);
        batch.Fill(dataset, [sample]);
        return batch.Inputs[0].ToFloats();
    }

    public static byte[] Bytes<T>(params T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>An .npy file of the given header entries and content.</summary>
    public static byte[] Npy(string type, string shape, byte[] content, bool fortran = false, byte version = 1)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}\n";
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. content];
    }

    public static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest)) gzip.Write(content);
        return result.ToArray();
    }

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var result = new MemoryStream();
        using (var zip = new ZipArchive(result, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }
        return result.ToArray();
    }

    public static Diagnostic Refused(Action action) => Assert.Throws<HaqException>(action).Diagnostic;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
