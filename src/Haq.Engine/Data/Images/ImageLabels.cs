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
    /// among all folders in ordinal order, provided that there are two or more. In a list of shards, each has its own labels.csv or none has one, and the folders of all are counted.
    /// </remarks>
    public static int[]? Of(IImageFiles images, LabelOptions? options, FileReference set, ListingProgress? watch = null)
    {
        int[] labels = new int[images.Count];
        if (options?.Path is { } file && File.Exists(file.FullPath))
        {
            var table = DataErrors.Guard(file, () => Read(file));
            foreach (var (files, name, first) in images.Parts(set)) Fill(labels, files, name, first, table, file, watch);
            return labels;
        }
        string inside = options?.Path?.Text ?? Usual;
        bool? haveTables = null;
        var folders = new FolderClasses(labels);
        foreach (var (files, name, first) in images.Parts(set))
        {
            using var text = files.Text(inside);
            if (text is null && options?.Path is { } missing) throw DataErrors.Unreadable(missing, new FileNotFoundException());
            haveTables ??= text is not null;
            if (haveTables != text is not null)
                throw DataErrors.Labels(name, $"some shards hold '{inside}', and others do not: give all of them labels, or name one file for the whole list under 'labels:'");
            var at = name with { Text = $"{name.Text}/{inside}" };
            if (text is not null) Fill(labels, files, name, first, new LabelTable(text, options?.Path ?? at), options?.Path ?? at, watch);
            else folders.Add(files, first, watch);
        }
        return haveTables == true ? labels : folders.Finish();
    }

    private static LabelTable Read(FileReference file)
    {
        OrdinaryFile.Require(file.FullPath);
        using var text = new StreamReader(file.FullPath);
        return new LabelTable(text, file);
    }

    private static void Fill(int[] labels, IImageFiles images, FileReference container, int first, LabelTable table, FileReference file, ListingProgress? watch)
    {
        for (int i = 0; i < images.Count; i++)
        {
            watch?.File(first + i);
            string path = images.NameOf(i);
            labels[first + i] = table.Find($"{container.Text}/{path}") ?? table.Find(path) ?? table.Find(Path.GetFileName(path))
                ?? throw DataErrors.Labels(file, $"there is no label for image '{path}' ({table.Count} labels, {labels.Length} images)");
        }
    }

    /// <summary>Classes by folder.</summary>
    private sealed class FolderClasses(int[] labels)
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public void Add(IImageFiles images, int first, ListingProgress? watch)
        {
            for (int i = 0; i < images.Count; i++)
            {
                watch?.File(first + i);
                string folder = Path.GetDirectoryName(images.NameOf(i))!;
                if (!_numbers.TryGetValue(folder, out int number)) _numbers[folder] = number = _numbers.Count;
                labels[first + i] = number;
            }
        }

        public int[]? Finish()
        {
            string[] classes = [.. _numbers.Keys.Order(StringComparer.Ordinal)];
            if (classes.Length < 2 || classes[0].Length == 0) return null;
            int[] classOf = new int[classes.Length];
            for (int i = 0; i < classes.Length; i++) classOf[_numbers[classes[i]]] = i;
            for (int i = 0; i < labels.Length; i++) labels[i] = classOf[labels[i]];
            return labels;
        }
    }
}
