using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>Labels in a file of their own.</summary>
internal static class LabelFile
{
    /// <summary>The labels, or null where the manifest names no such file.</summary>
    /// <exception cref="Diagnostics.HaqException">The file cannot be read, or has not one label per sample (HAQ0101, HAQ0102, HAQ0104).</exception>
    public static int[]? Read(DatasetOptions options, int samples)
    {
        if (options.Labels?.Path is not { } file) return null;
        int[] labels = FormatGuess.Find(file) switch
        {
            DatasetFormat.Npy => Of(NpyFile.Read("", file, ByteStore.Open(file)), file),
            DatasetFormat.Npz => Npz(options.Labels.Array, file),
            DatasetFormat.Idx => Of(IdxFile.Read(file), file),
            DatasetFormat.Csv => CsvFile.Labels(file, options.Labels.Column),
            null when RawLayout.IsRaw(file.FullPath) => Raw(file, samples),
            null => throw DataErrors.Undescribed(
                file, "its name does not tell how the labels are stored. Store them as npy, npz, idx or csv, or as bare integers in a .bin, one for each sample, and name the file so"),
            var format => throw DataErrors.Undescribed(file, $"labels can be npy, npz, idx or csv, not {format.Value.ToString().ToLowerInvariant()}"),
        };
        return labels.Length == samples
            ? labels
            : throw DataErrors.Labels(file, $"{labels.Length} labels for {samples} samples of '{options.Files[0].File.Text}': there must be one each");
    }

    // Bare integers: how wide they are follows from how many there have to be.
    private static int[] Raw(FileReference file, int samples)
    {
        using var store = ByteStore.Open(file);
        ElementKind? kind = samples > 0 && store.Length % samples == 0 ? (store.Length / samples) switch
        {
            1 => ElementKind.Uint8,
            2 => ElementKind.Uint16,
            4 => ElementKind.Int32,
            8 => ElementKind.Int64,
            _ => null,
        } : null;
        if (kind is not { } found)
            throw DataErrors.Labels(file, $"{store.Length} bytes are no bare integers of 1, 2, 4 or 8 bytes for {samples} samples: there must be one each");
        return LabelColumn.Of(new SampleArray("", found, [], samples, store, 0, store.Length / samples), file);
    }

    private static int[] Npz(string? array, FileReference file)
    {
        var names = NpzFile.Names(file);
        string name = array ?? (names.Length == 1 ? names[0]
            : throw DataErrors.Labels(file,
            $"it has several arrays ({string.Join(", ", names)}): say which, as in 'labels: {{path: {file.Text}, array: {names.FirstOrDefault()}}}'"));
        var found = NpzFile.Read(file, n => n == name);
        return found.IsEmpty ? throw DataErrors.Labels(file, $"there is no array '{name}'; there are {string.Join(", ", names)}") : Of(found[0], file);
    }

    private static int[] Of(SampleArray array, FileReference file)
    {
        using var store = array.Store;
        return LabelColumn.Of(array, file);
    }
}
