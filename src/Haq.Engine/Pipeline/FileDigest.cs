using System.Security.Cryptography;

namespace Haq.Engine.Pipeline;

/// <summary>SHA-256 of files.</summary>
public static class FileDigest
{
    /// <summary>The file's SHA-256, 64 lower-case hexadecimal digits; streamed.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Compute(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
