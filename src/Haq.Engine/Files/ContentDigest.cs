using System;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

namespace Haq.Engine.Files;

/// <summary>SHA-256 of what a path holds: 64 lower-case hexadecimal digits.</summary>
internal static class ContentDigest
{
    // Files whose digests are taken side by side before the caller hears of them.
    private const int Together = 4096;

    /// <summary>The plain SHA-256 of a file, so that anybody can compute it; of a folder, that of its files' names and digests; empty for what is neither.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="watch">Told again and again how much is read and of how much: bytes of a file, files of a folder. What it throws ends the reading.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string path, Action<long, long>? watch = null)
    {
        var facts = FileFacts.Of(path);
        if (facts.IsFolder) return OfFolder(path, watch);
        if (!facts.IsRegular) return "";
        using (var reader = new Reader()) return reader.Digest(path, facts.Size, watch);
    }

    // Every item is framed by its length, so that neighbours cannot run together: name, then digest.
    private static string OfFolder(string path, Action<long, long>? watch)
    {
        using (var sha = SHA256.Create())
        using (var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            foreach (string item in new[] { "stage", "folder", "version", "1" }) Write(stream, item);
            var files = FolderWalk.Files(path);
            var digests = new string[Math.Min(files.Count, Together)];
            for (int from = 0; from < files.Count; from += Together)
            {
                int start = from, count = Math.Min(Together, files.Count - from);
                watch?.Invoke(from, files.Count);
                SideBySide(count, (i, reader) => digests[i] = reader.DigestIfFile(Path.Combine(path, files[start + i])));
                for (int i = 0; i < count; i++)
                {
                    Write(stream, files[from + i]);
                    Write(stream, digests[i]);
                }
            }
            stream.FlushFinalBlock();
            return Hex(sha.Hash!);
        }
    }

    // The first of what goes wrong is thrown as it is.
    private static void SideBySide(int count, Action<int, Reader> work)
    {
        try
        {
            Parallel.For(0, count, () => new Reader(), (i, _, reader) =>
            {
                work(i, reader);
                return reader;
            }, reader => reader.Dispose());
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Capture(e.Flatten().InnerExceptions[0]).Throw();
        }
    }

    private static void Write(Stream stream, string item)
    {
        byte[] text = Encoding.UTF8.GetBytes(item), length = BitConverter.GetBytes(text.Length);
        if (!BitConverter.IsLittleEndian) Array.Reverse(length);
        stream.Write(length, 0, length.Length);
        stream.Write(text, 0, text.Length);
    }

    private static string Hex(byte[] bytes)
    {
        const string digits = "0123456789abcdef";
        var text = new char[2 * bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[2 * i] = digits[bytes[i] >> 4];
            text[2 * i + 1] = digits[bytes[i] & 15];
        }
        return new string(text);
    }

    // What one thread needs, whatever the number of files.
    private sealed class Reader : IDisposable
    {
        private const int BufferBytes = 1 << 18;

        private readonly SHA256 _sha = SHA256.Create();
        private byte[] _buffer = new byte[1 << 14];

        public string DigestIfFile(string path)
        {
            var facts = FileFacts.Of(path);
            return facts.IsRegular ? Digest(path, facts.Size, null) : "";
        }

        public string Digest(string path, long size, Action<long, long>? watch)
        {
            if (size >= _buffer.Length && _buffer.Length < BufferBytes) _buffer = new byte[BufferBytes];
            var options = size > BufferBytes ? FileOptions.SequentialScan : FileOptions.None;
            _sha.Initialize();
            using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, options))
            {
                long done = 0;
                for (int n; (n = stream.Read(_buffer, 0, _buffer.Length)) > 0; watch?.Invoke(done, Math.Max(size, done)))
                {
                    _sha.TransformBlock(_buffer, 0, n, null, 0);
                    done += n;
                }
                _sha.TransformFinalBlock(_buffer, 0, 0);
                return Hex(_sha.Hash!);
            }
        }

        public void Dispose() => _sha.Dispose();
    }
}
