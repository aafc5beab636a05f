using System.Globalization;
using System.IO.Compression;
using Haq.Engine.Tests.Data;

namespace Haq.Benchmarks;

/// <summary>
/// Makes data sets of very many tiny images, for what a build takes however many samples it is offered: a zip, ten shards of as many together with their list, and a manifest for each. With
/// <c>folder</c>, files too. Run with <c>… -- many FOLDER COUNT MODEL [folder]</c>, then measure with <c>memory builds</c>.
/// </summary>
internal static class ManyImages
{
    private const int Shards = 10, Classes = 10;

    public static void Make(string folder, int count, string model, bool asFolder)
    {
        string name = count.ToString(CultureInfo.InvariantCulture);
        byte[][] images = [.. Enumerable.Range(0, 256).Select(TinyPng.Of)];
        var zip = Manifest(Path.Combine(folder, $"zip-{name}"), "path: images.zip", model);
        Zip(Path.Combine(zip, "images.zip"), 0, count, images);
        var shards = Manifest(Path.Combine(folder, $"shards-{name}"), "shards: list.txt", model);
        using (var list = new StreamWriter(Path.Combine(shards, "list.txt")))
        {
            for (int s = 0; s < Shards; s++)
            {
                int from = (int)((long)count * s / Shards), to = (int)((long)count * (s + 1) / Shards);
                list.WriteLine(string.Create(CultureInfo.InvariantCulture, $"shard-{s:00}.zip {to - from}"));
                Zip(Path.Combine(shards, $"shard-{s:00}.zip"), from, to, images);
            }
        }
        if (!asFolder) return;
        var files = Manifest(Path.Combine(folder, $"folder-{name}"), "path: images/", model);
        for (int c = 0; c < Classes; c++) Directory.CreateDirectory(Path.Combine(files, "images", c.ToString(CultureInfo.InvariantCulture)));
        for (int i = 0; i < count; i++) File.WriteAllBytes(Path.Combine(files, "images", NameOf(i)), images[i * 7 % images.Length]);
    }

    private static string Manifest(string folder, string data, string model)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "haq.yaml"), $$"""
            model: '{{Path.GetFullPath(model)}}'
            output: out.onnx
            hardware: bismo-edge
            bits: 8
            gate: warning
            data:
              preprocess: {resize: [28, 28], scale: 255}
              evaluation: {{{data}}, samples: 1024}
            """);
        return folder;
    }

    // Written in another order than that of the names, as archives are.
    private static void Zip(string path, int from, int to, byte[][] images)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        for (int i = to - 1; i >= from; i--)
        {
            using var entry = zip.CreateEntry(NameOf(i), CompressionLevel.NoCompression).Open();
            entry.Write(images[i * 7 % images.Length]);
        }
    }

    private static string NameOf(int image) => string.Create(CultureInfo.InvariantCulture, $"{image % Classes}/image_{image:00000000}.png");
}
