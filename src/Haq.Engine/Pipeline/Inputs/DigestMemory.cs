using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Pipeline.Outputs;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>
/// The digests of large files and of folders as they were when they looked as they look now, so that a data set is not read whole by every build. What its stamp proves nothing about is
/// not remembered, and what cannot be read or written here is taken anew.
/// </summary>
/// <param name="cacheRoot">The cache's folder.</param>
internal sealed class DigestMemory(string cacheRoot)
{
    private const string Header = "haq-digest 1";

    // A smaller file is read sooner than it is worth an entry.
    private const long LeastBytes = 16L << 20;

    /// <summary>The digest of a path's content, or null where it is not known.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="record">How it looks.</param>
    public string? Find(string path, FileRecord record)
    {
        if (!IsWorth(path, record)) return null;
        try
        {
            string[] lines = File.ReadAllLines(FileOf(path));
            return lines is [Header, var stamp, var digest, var seal] && stamp == StampOf(record) && seal == Seal(path, stamp, digest) ? digest : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers a digest that was taken after the record was.</summary>
    public void Keep(string path, FileRecord record, string digest)
    {
        if (digest.Length == 0 || !IsWorth(path, record)) return;
        string stamp = StampOf(record);
        try
        {
            AtomicFile.Write(FileOf(path), Encoding.UTF8.GetBytes($"{Header}\n{stamp}\n{digest}\n{Seal(path, stamp, digest)}\n"));
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.CannotWrite)
        {
            // A cache that takes nothing costs time alone; what cannot do without it says so.
            return;
        }
    }

    private static bool IsWorth(string path, FileRecord record) => !record.IsFresh && (record.Stamp.Size >= LeastBytes || Directory.Exists(path));

    private static string StampOf(FileRecord record) => string.Create(CultureInfo.InvariantCulture, $"{record.Stamp.Size} {record.Stamp.Mark}");

    private static string Seal(string path, string stamp, string digest) => Hash($"{Header}\n{path}\n{stamp}\n{digest}");

    // A folder, as every entry of the cache is one: it is listed and cleared with the others.
    private string FileOf(string path) => Path.Combine(cacheRoot, "digests", Hash(path), "digest.txt");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
