using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>One data set, a path alone or a mapping.</summary>
internal static class DatasetKeys
{
    private static readonly ValueKind<ImmutableArray<DataFile>> s_files = new(
        value => value.IsMapping
            ? [.. value.AsMapping().Entries.Select(entry => new DataFile(entry.Key, entry.Value.AsFile()))]
            : [new DataFile(null, value.AsFile())],
        () => Kinds.AnyOf(
            Kinds.Text.Schema(),
            new System.Text.Json.Nodes.JsonObject { ["type"] = "object", ["additionalProperties"] = Kinds.Text.Schema(), ["minProperties"] = 1 }),
        "a file or folder, or {input: file} for several inputs");

    private static readonly Key<ImmutableArray<DataFile>> s_path = new("path", s_files, [], "data.npz", "where the samples are");

    private static readonly Key<FileReference?> s_shards = new("shards", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "list.txt",
        "in place of path: a text file that lists shards, a file or folder on each line", advanced: true);

    private static readonly Key<LabelOptions?> s_labels = new("labels", LabelKeys.Kind, null, "labels.npy", "where the labels are", group: LabelKeys.Group);

    private static readonly Key<DatasetFormat?> s_format = new("format", Kinds.Optional(Kinds.OneOf<DatasetFormat>()), null, "npz", "how it is stored; by default seen from the name");

    private static readonly Key<int?> s_samples = new("samples", Kinds.Optional(Kinds.Integer(1, int.MaxValue)), null, "1000", "use that many, chosen with the seed; by default all");

    private static readonly Key<PreprocessOptions?> s_preprocess = new("preprocess", PreprocessKeys.Kind!, null, "{scale: 255}",
        "how stored samples become the model's input: (x / scale - mean) / std", group: PreprocessKeys.Group);

    private static readonly Key<ElementKind?> s_dtype = new("dtype", Kinds.Optional(Kinds.OneOf<ElementKind>()), null, "uint8", "raw data: the type of its values, little-endian");

    private static readonly Key<ImmutableArray<int>> s_shape = new("shape", Kinds.ListOf(Kinds.Integer(1, int.MaxValue), single: true), [], "[3, 32, 32]", "raw and CSV data: the shape of one sample");

    private static readonly Key<Quantity> s_corrupt = new("corrupt", Kinds.Quantity(true, Dimension.Percentage), new Quantity(0, Dimension.Percentage), "0 %",
        "images: the share of files that may be unreadable; they are named, counted and left out");

    private static readonly Key<FileReference?> s_cache = new("cache", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "obj/images",
        "images: a folder to keep decoded images in; by default they are decoded every time");

    public static readonly KeyGroup Group = new(s_path, s_shards, s_labels, s_format, s_samples, s_preprocess, s_dtype, s_shape, s_corrupt, s_cache);

    /// <summary>A data set whose preprocessing, where it says nothing of it, is <paramref name="shared"/>, and its number of samples <paramref name="samples"/>.</summary>
    public static DatasetOptions Read(YamlValue value, PreprocessOptions shared, int? samples)
    {
        if (value.IsScalar) return new DatasetOptions([new DataFile(null, value.AsFile())]) { Preprocess = shared, Samples = samples };
        var section = new Section(value.AsMapping(), Group);
        var list = section.Get(s_shards);
        if (list is not null && section.Find(s_path) is { } both)
            throw DiagnosticCatalog.SettingsConflict.Error(both.Location, "a set is a 'path' or a list of 'shards', not both: leave one of them out.");
        ImmutableArray<DataFile> files = list is null ? section.Require(s_path) : [new DataFile(null, list)];
        if (files.Length == 0) throw value.Invalid("'path' names no file");
        var shape = section.Get(s_shape);
        return new DatasetOptions(files)
        {
            IsShardList = list is not null,
            Format = section.Get(s_format),
            Labels = section.Get(s_labels),
            Samples = section.Get(s_samples) ?? samples,
            Preprocess = section.Get(s_preprocess) ?? shared,
            ElementType = section.Get(s_dtype),
            Shape = shape.IsEmpty ? null : shape,
            CorruptShare = Math.Min(1, section.Get(s_corrupt).Value / 100),
            CacheFolder = section.Get(s_cache)?.FullPath,
        };
    }
}
