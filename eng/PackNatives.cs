using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

// Compresses the native libraries of a published engine, for Haq.Build's package: dotnet run --file eng/PackNatives.cs -- ENGINE KEPT [QUALITY]
// ENGINE/runtimes/RID/native/NAME becomes NAME.br, 'runtimes/natives.sha256' says what each is when unpacked, and 'haq.deps.json', whose files the host wants to find, names none.
// What was compressed once is taken from KEPT, by its content. The engine's NativeLibraries unpacks them.
if (args is not [var engine, var kept, .. var rest]) throw new ArgumentException("usage: PackNatives.cs ENGINE KEPT [QUALITY]");

const int Window = 24;
int quality = rest is [var chosen] ? int.Parse(chosen, CultureInfo.InvariantCulture) : 11;
string runtimes = Path.Combine(engine, "runtimes");
string[] natives = [.. Directory.EnumerateFiles(runtimes, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
Directory.CreateDirectory(kept);
var lines = new string[natives.Length];
Parallel.For(0, natives.Length, i =>
{
    byte[] content = File.ReadAllBytes(natives[i]);
    string digest = Convert.ToHexStringLower(SHA256.HashData(content));
    string packed = Path.Combine(kept, $"{digest}.{quality}.{Window}.br");
    if (!File.Exists(packed))
    {
        string temporary = $"{packed}.{Path.GetRandomFileName()}";
        File.WriteAllBytes(temporary, Compressed(content, quality));
        File.Move(temporary, packed, overwrite: true);
    }
    File.Copy(packed, natives[i] + ".br", overwrite: true);
    File.Delete(natives[i]);
    lines[i] = $"{digest}  {Path.GetRelativePath(runtimes, natives[i]).Replace('\\', '/')}\n";
});
File.WriteAllText(Path.Combine(runtimes, "natives.sha256"), string.Concat(lines));

string dependencies = Path.Combine(engine, "haq.deps.json");
var root = JsonNode.Parse(File.ReadAllText(dependencies))!;
foreach (var (_, target) in root["targets"]!.AsObject())
{
    foreach (var (_, library) in target!.AsObject())
    {
        if (library!["runtimeTargets"] is not JsonObject files) continue;
        foreach (string native in files.Where(f => (string?)f.Value!["assetType"] == "native").Select(f => f.Key).ToArray()) files.Remove(native);
        if (files.Count == 0) library.AsObject().Remove("runtimeTargets");
    }
}
File.WriteAllText(dependencies, root.ToJsonString(new() { WriteIndented = true }) + "\n");

static byte[] Compressed(byte[] content, int quality)
{
    var packed = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
    if (!BrotliEncoder.TryCompress(content, packed, out int length, quality, Window)) throw new InvalidOperationException("Brotli refused its own bound");
    return packed[..length];
}
