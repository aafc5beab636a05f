using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>Sees a data file's format from its name.</summary>
public static class FormatGuess
{
    /// <summary>The format of a file or folder.</summary>
    /// <exception cref="HaqException">The name does not tell (HAQ0107).</exception>
    public static DatasetFormat Of(FileReference file)
    {
        if (Find(file) is { } format) return format;
        string formats = string.Join(", ", Enum.GetNames<DatasetFormat>().Select(f => f.ToLowerInvariant()));
        throw DataErrors.Undescribed(file, $"its name does not tell how it is stored; add 'format:', one of {formats}");
    }

    /// <summary>The format of a file or folder; null where the name does not tell.</summary>
    public static DatasetFormat? Find(FileReference file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (Directory.Exists(file.FullPath) || file.Text.EndsWith('/')) return DatasetFormat.Images;
        string name = Path.GetFileName(file.FullPath).ToLowerInvariant();
        if (name.EndsWith(".gz", StringComparison.Ordinal)) name = name[..^3];
        string extension = Path.GetExtension(name);
        if (extension == ".npy") return DatasetFormat.Npy;
        if (extension == ".npz") return DatasetFormat.Npz;
        if (extension == ".zip") return DatasetFormat.Images;
        if (extension is ".csv" or ".tsv") return DatasetFormat.Csv;
        if (name.Contains("-ubyte", StringComparison.Ordinal) || name.Contains(".idx", StringComparison.Ordinal) || name.Contains("-idx", StringComparison.Ordinal)) return DatasetFormat.Idx;
        if (extension == ".bin" && name.StartsWith("cifar", StringComparison.Ordinal)) return DatasetFormat.Cifar10;
        if (extension == ".bin" && (name.StartsWith("data_batch", StringComparison.Ordinal) || name == "test_batch.bin")) return DatasetFormat.Cifar10;
        return null;
    }
}
