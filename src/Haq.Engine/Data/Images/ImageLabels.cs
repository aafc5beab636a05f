using System.Globalization;
using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>Labels of images: rows of file and class in a CSV file, or the folders that they are in.</summary>
internal static class ImageLabels
{
    private const string Usual = "labels.csv";

    /// <summary>A label per image, or null where nothing gives any.</summary>
    /// <remarks>
    /// A CSV file is the one that the manifest names (on disk, else inside the set), else a labels.csv inside. Otherwise each image's class is its folder's number
    /// among all folders in ordinal order, provided that there are two or more.
    /// </remarks>
    public static int[]? Of(IImageFiles images, LabelOptions? options, FileReference set)
    {
        if (options?.Path is { } file)
        {
            if (File.Exists(file.FullPath)) return Csv(images, DataErrors.Guard(file, () => Text(file.FullPath)), file);
            return images.Text(file.Text) is { } inside ? Csv(images, inside, file) : throw DataErrors.Unreadable(file, new FileNotFoundException());
        }
        return images.Text(Usual) is { } usual ? Csv(images, usual, set with { Text = $"{set.Text}/{Usual}" }) : Folders(images);
    }

    private static string Text(string path)
    {
        OrdinaryFile.Require(path);
        return File.ReadAllText(path);
    }

    private static int[]? Folders(IImageFiles images)
    {
        string[] folders = [.. images.Images.Select(path => Path.GetDirectoryName(path)!)];
        string[] classes = [.. folders.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return classes.Length < 2 || classes[0].Length == 0 ? null : [.. folders.Select(folder => Array.BinarySearch(classes, folder, StringComparer.Ordinal))];
    }

    private static int[] Csv(IImageFiles images, string text, FileReference file)
    {
        var byPath = new Dictionary<string, int>(StringComparer.Ordinal);
        int line = 0;
        foreach (string row in text.Split('\n'))
        {
            line++;
            if (string.IsNullOrWhiteSpace(row)) continue;
            int comma = row.LastIndexOfAny([',', ';', '\t']);
            string name = comma < 0 ? "" : row[..comma].Trim().Trim('"').Replace('\\', '/'), value = row[(comma + 1)..].Trim().Trim('"');
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int label);
            if (!isNumber && line == 1) continue;
            if (!isNumber || name.Length == 0) throw DataErrors.Labels(file, $"line {line} is '{row.Trim()}': expected a file and its class, as in 'cat/17.jpg,3'");
            if (!byPath.TryAdd(name, label)) throw DataErrors.Labels(file, $"line {line} names '{name}' again");
        }
        int[] labels = new int[images.Images.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            string path = images.Images[i];
            if (!byPath.TryGetValue(path, out labels[i]) && !byPath.TryGetValue(Path.GetFileName(path), out labels[i]))
                throw DataErrors.Labels(file, $"there is no label for image '{path}' ({byPath.Count} labels, {labels.Length} images)");
        }
        return labels;
    }
}
