using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool;

/// <summary>
/// The native libraries of Haq.Build's package, which carries those of five platforms compressed (eng/PackNatives.cs): this machine's are unpacked
/// once, into the package's folder or, where that cannot be
/// written, into the user's cache. Every start checks them against the digests in the package, so that no other library is loaded from a folder that others may write to.
/// </summary>
/// <param name="Engine">The engine's folder.</param>
/// <param name="Otherwise">Where they go when the engine's folder cannot be written.</param>
internal sealed record NativeLibraries(string Engine, string Otherwise)
{
    private const string Packed = ".br";

    private static readonly Lazy<bool> s_prepared = new(() => new NativeLibraries(AppContext.BaseDirectory, StageCache.DefaultRoot).Register());

    /// <summary>What each library is, unpacked: lines of <c>sha256sum</c>, paths below <c>runtimes</c>.</summary>
    private string List => Path.Combine(Engine, "runtimes", "natives.sha256");

    /// <summary>Has the runtime find them, before anything of ONNX Runtime is touched. Does nothing in an engine whose libraries are not compressed.</summary>
    /// <exception cref="HaqException">They cannot be unpacked (HAQ0801), or the package is damaged (HAQ0883).</exception>
    public static void Prepare() => _ = s_prepared.Value;

    private bool Register()
    {
        var libraries = Unpack(RuntimeIdentifier);
        if (libraries.Count > 0)
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => libraries.TryGetValue(StemOf(name), out string? path) ? NativeLibrary.Load(path) : 0;
        return true;
    }

    /// <summary>Unpacks what is not there yet.</summary>
    /// <returns>The libraries by their names without <c>lib</c> and extension; none where the package has none for the platform.</returns>
    public IReadOnlyDictionary<string, string> Unpack(string runtimeIdentifier)
    {
        var libraries = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(List)) return libraries;
        foreach (string line in File.ReadAllLines(List))
        {
            string digest = line[..64], path = line[66..];
            if (path.StartsWith(runtimeIdentifier + "/", StringComparison.Ordinal)) libraries[StemOf(Path.GetFileName(path))] = Unpack(Path.Combine(Engine, "runtimes", path), digest);
        }
        return libraries;
    }

    private string Unpack(string place, string digest)
    {
        string second = Path.Combine(Otherwise, "natives", digest, Path.GetFileName(place));
        if (Holds(place, digest)) return place;
        if (Holds(second, digest)) return second;
        byte[] content = Read(place + Packed, digest);
        return TryWrite(place, content, digest) ? place : Write(second, content, digest);
    }

    // The package's folder may belong to somebody else, or be part of an image.
    private static bool TryWrite(string place, byte[] content, string digest)
    {
        try
        {
            Write(place, content, digest);
            return true;
        }
        catch (HaqException)
        {
            return false;
        }
    }

    private static string Write(string place, byte[] content, string digest)
    {
        try
        {
            AtomicFile.Write(place, content);
        }
        catch (HaqException) when (Holds(place, digest))
        {
            // Another build was quicker and has it open, which Windows does not let us replace.
            return place;
        }
        return place;
    }

    private static byte[] Read(string packed, string digest)
    {
        var content = new MemoryStream();
        try
        {
            using var file = File.OpenRead(packed);
            using var brotli = new BrotliStream(file, CompressionMode.Decompress);
            brotli.CopyTo(content, 1 << 20);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException)
        {
            throw Damaged(packed, e.Message.TrimEnd('.'), e);
        }
        byte[] bytes = content.ToArray();
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == digest ? bytes : throw Damaged(packed, "its content is not what was packed", null);
    }

    private static HaqException Damaged(string packed, string why, Exception? cause) => DiagnosticCatalog.EngineDefect.Error(
        packed, $"the engine's native library cannot be unpacked: {why}. Remove the package's folder from the packages folder, and restore again.", cause);

    private static bool Holds(string path, string digest)
    {
        try
        {
            if (!File.Exists(path)) return false;
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file)) == digest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string StemOf(string name)
    {
        string stem = name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".so", StringComparison.Ordinal) || name.EndsWith(".dylib", StringComparison.Ordinal)
            ? Path.GetFileNameWithoutExtension(name) : name;
        return stem.StartsWith("lib", StringComparison.Ordinal) ? stem[3..] : stem;
    }

    // The runtime's own says 'fedora.42-x64' where a distribution built it.
    private static string RuntimeIdentifier
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }
}
