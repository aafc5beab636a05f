using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using Haq.Build.Tests.Builds;
using Haq.Engine.Diagnostics;
using Haq.Tool;

namespace Haq.Build.Tests.Packages;

/// <summary>What is compressed in the package is unpacked once, whole, checked, and where it may be.</summary>
public sealed class NativeLibrariesTests : IDisposable
{
    private const string Platform = "linux-x64";

    private readonly string _root = Directory.CreateTempSubdirectory("haq-natives").FullName;
    private readonly byte[] _library = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i / 7))];

    private string Engine => Path.Combine(_root, "engine");

    private string Cache => Path.Combine(_root, "cache");

    private string Place => Path.Combine(Engine, "runtimes", Platform, "native", "libonnxruntime.so");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_engine_without_compressed_libraries_is_left_alone() => Assert.Empty(new NativeLibraries(Engine, Cache).Unpack(Platform));

    [Fact]
    public void They_are_unpacked_beside_the_engine_and_once()
    {
        Pack();
        string path = Unpack();
        Assert.Equal(Place, path);
        Assert.Equal(_library, File.ReadAllBytes(path));
        File.Delete(Place + ".br");
        Assert.Equal(Place, Unpack());
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public void Other_platforms_are_not_unpacked()
    {
        Pack();
        Assert.Empty(new NativeLibraries(Engine, Cache).Unpack("linux-arm64"));
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public void What_was_changed_is_not_loaded_but_replaced()
    {
        Pack();
        File.WriteAllBytes(Unpack(), new byte[_library.Length]);
        Assert.Equal(_library, File.ReadAllBytes(Unpack()));
    }

    [Fact]
    public void Where_the_engines_folder_cannot_be_written_they_go_to_the_cache()
    {
        Pack();
        Directory.CreateDirectory(Place);
        string path = Unpack();
        Assert.StartsWith(Cache, path, StringComparison.Ordinal);
        Assert.Equal(_library, File.ReadAllBytes(path));
        File.Delete(Place + ".br");
        Assert.Equal(path, Unpack());
    }

    [Fact]
    public void Where_nothing_can_be_written_the_error_says_so()
    {
        Pack();
        Directory.CreateDirectory(Place);
        File.WriteAllText(Cache, "a file");
        var error = Assert.Throws<HaqException>(Unpack).Diagnostic;
        Assert.Equal(DiagnosticCatalog.CannotWrite, error.Descriptor);
        Assert.Contains(Cache, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("other")]
    [InlineData("missing")]
    public void A_damaged_package_is_an_error_and_leaves_nothing(string damage)
    {
        Pack();
        string packed = Place + ".br";
        if (damage == "cut") File.WriteAllBytes(packed, File.ReadAllBytes(packed)[..^20]);
        if (damage == "other") File.WriteAllBytes(packed, Compressed([1, 2, 3]));
        if (damage == "missing") File.Delete(packed);
        var error = Assert.Throws<HaqException>(Unpack).Diagnostic;
        Assert.Equal(DiagnosticCatalog.EngineDefect, error.Descriptor);
        Assert.Contains("restore again", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public void Builds_that_start_at_once_all_get_it_and_leave_nothing_behind()
    {
        Pack();
        Parallel.For(0, 8, _ => Assert.Equal(_library, Content(Unpack())));
        Assert.Equal(["libonnxruntime.so", "libonnxruntime.so.br"], Directory.GetFiles(Path.GetDirectoryName(Place)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    // Whoever puts a file in its place lets go of it a moment later; the system's loader, which reads it in earnest, asks for no lock.
    private static byte[] Content(string path)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (IOException) when (clock.Elapsed < TimeSpan.FromMinutes(1))
            {
                Thread.Sleep(1);
            }
        }
    }

    private string Unpack() => new NativeLibraries(Engine, Cache).Unpack(Platform)["onnxruntime"];

    private void Pack()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
        File.WriteAllBytes(Place + ".br", Compressed(_library));
        File.WriteAllText(Path.Combine(Engine, "runtimes", "natives.sha256"), $"{Convert.ToHexStringLower(SHA256.HashData(_library))}  {Platform}/native/libonnxruntime.so\n");
    }

    private static byte[] Compressed(byte[] content)
    {
        var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest)) brotli.Write(content);
        return packed.ToArray();
    }
}

/// <summary>The packing program's form is the one that the engine unpacks: a packed engine quantizes a model.</summary>
public sealed class PackedEngineTests(PackageFeed feed)
{
    [Fact]
    public void An_engine_whose_libraries_are_compressed_quantizes()
    {
        string root = Path.Combine(feed.Root, "packed"), all = Path.Combine(root, "all"), engine = Path.Combine(all, "tools", "net10.0", "any"), work = Path.Combine(root, "work");
        ZipFile.ExtractToDirectory(Assert.Single(Directory.GetFiles(feed.Feed, "Haq.Build.*.nupkg")), all);
        string runtimes = Path.Combine(engine, "runtimes");
        string[] natives = Directory.GetFiles(runtimes, "*", SearchOption.AllDirectories);
        byte[][] contents = [.. natives.Select(File.ReadAllBytes)];
        DotNet.Run(feed.RepositoryRoot, Path.Combine(root, "cache"), "run", "--file", Path.Combine(feed.RepositoryRoot, "eng", "PackNatives.cs"), "--", engine, Path.Combine(root, "kept"), "1").Succeeded();
        Assert.All(natives, native => Assert.False(File.Exists(native), native));

        TinyModel.Write(work, seed: 1);
        File.WriteAllText(Path.Combine(work, "haq.yaml"), TinyModel.Manifest);
        DotNet.Run(work, Path.Combine(root, "cache"), "exec", Path.Combine(engine, "haq.dll"), "quantize").Succeeded();

        Assert.True(File.Exists(Path.Combine(work, "tiny.haq.onnx")));
        for (int i = 0; i < natives.Length; i++) Assert.Equal(contents[i], File.ReadAllBytes(natives[i]));
    }
}
