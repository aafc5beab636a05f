using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>
/// Decoded images in one file: uint8 [C, H, W] each, so that the next run reads instead of decoding. Its name is a digest of what it was made from;
/// one that was interrupted never gets that name.
/// </summary>
internal static class ImageCache
{
    // Changes when decoding or resizing does.
    private const string Version = "1";

    public static ISampleSource Open(
        ImageSource images, IImageFiles files, string folder, DatasetOptions options, ImageFrame frame, int[]? labels, List<Diagnostic> warnings)
    {
        string path = Path.Combine(folder, $"images-{Key(files, frame, options.Preprocess.Interpolation)}.u8");
        var file = images.Set with { Text = path, FullPath = path };
        int count = files.Count;
        long bytes = images.Arrays[0].Bytes;
        string?[] problems = new string?[count];
        if (!File.Exists(path) || new FileInfo(path).Length != count * (bytes + 1)) Write(images, file, problems, (int)bytes);

        var store = ByteStore.Open(file);
        byte[] readable = new byte[count];
        store.Read(count * bytes, readable);
        for (int i = 0; i < count; i++) if (readable[i] == 0) problems[i] ??= "it cannot be decoded";
        int[] kept = ImageSource.Judge(images.Set, files, problems, options.CorruptShare, warnings);
        images.Dispose();
        var array = new SampleArray("", ElementKind.Uint8, frame.Shape, count, store, 0, bytes);
        return new KeptSamples(new ArraySource([(array, null, images.Set)]), kept, labels is null ? null : [.. kept.Select(i => labels[i])]);
    }

    // The images, then a byte each: 1 where it could be decoded.
    private static void Write(ImageSource images, FileReference file, string?[] problems, int bytes)
    {
        string partial = file.FullPath + "." + Path.GetRandomFileName();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.FullPath)!);
            using (var handle = File.OpenHandle(partial, FileMode.CreateNew, FileAccess.Write))
            {
                Parallel.For(0, problems.Length, () => new byte[bytes], (i, _, buffer) =>
                {
                    problems[i] = images.TryRead(i, buffer);
                    if (problems[i] is not null) Array.Clear(buffer);
                    RandomAccess.Write(handle, buffer, (long)i * bytes);
                    return buffer;
                }, _ => { });
                RandomAccess.Write(handle, problems.Select(p => (byte)(p is null ? 1 : 0)).ToArray(), (long)problems.Length * bytes);
            }
            File.Move(partial, file.FullPath, overwrite: true);
        }
        catch (Exception e) when ((e is AggregateException { InnerException: { } inner } ? inner : e) is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
            throw DiagnosticCatalog.DataUnreadable.Error(images.Set.At,
                $"decoded images cannot be kept in '{Path.GetDirectoryName(file.FullPath)}': {e.Message.TrimEnd('.')}. Make room, or remove 'cache:'.", e);
        }
    }

    private static string Key(IImageFiles files, ImageFrame frame, Interpolation interpolation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        Add(Version);
        Add(FormattableString.Invariant($"{frame.Channels}/{frame.Height}/{frame.Width}/{string.Join('x', frame.Resize)}/{interpolation}"));
        for (int i = 0; i < files.Count; i++)
        {
            Add(files.NameOf(i));
            Add(files.Stamp(i));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
