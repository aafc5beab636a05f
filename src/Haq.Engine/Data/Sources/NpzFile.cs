using System.Collections.Immutable;
using System.IO.Compression;
using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>NumPy's .npz: a zip, stored or deflated, with an .npy per array.</summary>
internal static class NpzFile
{
    /// <summary>The arrays whose names <paramref name="wanted"/> accepts, in the file's order.</summary>
    public static ImmutableArray<SampleArray> Read(FileReference file, Func<string, bool> wanted)
    {
        using var stream = DataErrors.Guard(file, () => Open(file.FullPath));
        var arrays = ImmutableArray.CreateBuilder<SampleArray>();
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            foreach (var entry in zip.Entries)
            {
                if (!entry.FullName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) continue;
                string name = entry.FullName[..^4];
                if (!wanted(name)) continue;
                using var content = entry.Open();
                var store = ByteStore.Inflate(content, file, $"array '{name}'", entry.CompressedLength);
                if (store.Length < entry.Length) throw DataErrors.Damaged(file, $"array '{name}' is truncated: {entry.Length} bytes were stored, {store.Length} are there");
                arrays.Add(NpyFile.Read(name, file, store));
            }
        }
        catch (InvalidDataException e)
        {
            throw DataErrors.Damaged(file, "it is not a complete zip file, as an .npz is", e);
        }
        catch (IOException e)
        {
            throw DataErrors.Unreadable(file, e);
        }
        return arrays.ToImmutable();
    }

    private static FileStream Open(string path)
    {
        OrdinaryFile.Require(path);
        return File.OpenRead(path);
    }

    /// <summary>The names of all arrays.</summary>
    public static ImmutableArray<string> Names(FileReference file)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        Read(file, name =>
        {
            names.Add(name);
            return false;
        });
        return names.ToImmutable();
    }
}
