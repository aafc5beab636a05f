using Haq.Engine.Files;

namespace Haq.Engine.Pipeline.Outputs;

/// <summary>SHA-256 of files.</summary>
public static class FileDigest
{
    /// <summary>The file's SHA-256, 64 lower-case hexadecimal digits; streamed.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Compute(string path)
    {
        string digest = ContentDigest.Of(path);
        return digest.Length > 0 ? digest : throw new FileNotFoundException($"'{path}' is not a file", path);
    }
}
