using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace Haq.Engine.Files;

/// <summary>SHA-256 of what a path holds: 64 lower-case hexadecimal digits.</summary>
internal static class ContentDigest
{
    /// <summary>The plain SHA-256 of a file, so that anybody can compute it; of a folder, that of its files' names and digests; empty for what is neither.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string path)
    {
        var facts = FileFacts.Of(path);
        if (facts.IsFolder) return OfFolder(path);
        return facts.IsRegular ? OfFile(path) : "";
    }

    private static string OfFile(string path)
    {
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, FileOptions.SequentialScan))
        using (var sha = SHA256.Create())
            return Hex(sha.ComputeHash(stream));
    }

    // Every item is framed by its length, so that neighbours cannot run together: name, then digest.
    private static string OfFolder(string path)
    {
        using (var sha = SHA256.Create())
        using (var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
        {
            foreach (string item in new[] { "stage", "folder", "version", "1" }) Write(stream, item);
            foreach (string file in FolderWalk.Files(path))
            {
                Write(stream, file);
                Write(stream, Of(Path.Combine(path, file)));
            }
            stream.FlushFinalBlock();
            return Hex(sha.Hash!);
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
}
