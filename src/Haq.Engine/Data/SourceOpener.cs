using System.Collections.Immutable;
using Haq.Engine.Data.Images;
using Haq.Engine.Data.Shards;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>Opens what <see cref="DatasetOptions"/> describes.</summary>
internal static class SourceOpener
{
    // What labels are called in an .npz when nobody says so; keras.datasets, scikit-learn and torchvision exports.
    private static readonly ImmutableArray<string> s_labelNames = ["labels", "label", "y", "targets", "target"];

    public static ISampleSource Open(
        DatasetOptions options, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, List<Diagnostic> warnings, ListingProgress? watch = null)
    {
        var first = options.Files[0].File;
        if (options.IsShardList) return OpenShards(options, first, inputs, declared, warnings, watch);
        if ((options.Format ?? FormatGuess.Of(first)) == DatasetFormat.Images)
        {
            return options.Files.Length == 1
                ? ImageSource.Open(options, first, inputs, declared, warnings, () => ImageSource.Files(first, watch), watch)
                : throw DataErrors.Undescribed(first, "images feed one input: a data set of several files cannot hold images");
        }
        var arrays = ImmutableArray.CreateBuilder<(SampleArray Array, string? Input, FileReference File)>();
        int[]? labels = null;
        try
        {
            foreach (var (input, file) in options.Files)
            {
                var format = options.Format ?? FormatGuess.Of(file);
                switch (format)
                {
                    case DatasetFormat.Npy:
                        arrays.Add((NpyFile.Read("", file, ByteStore.Open(file)), input, file));
                        break;
                    case DatasetFormat.Npz:
                        labels = AddNpz(options, inputs, declared, arrays, input, file) ?? labels;
                        break;
                    case DatasetFormat.Idx:
                        arrays.Add((IdxFile.Read(file), input, file));
                        break;
                    case DatasetFormat.Cifar10:
                        var (images, classes) = CifarFile.Read(file);
                        arrays.Add((images, input, file));
                        labels = classes;
                        break;
                    case DatasetFormat.Raw:
                        if (options.ElementType is not { } kind || options.Shape is not { } shape)
                            throw DataErrors.Undescribed(file, "raw data needs 'dtype' and 'shape' of one sample, for example {dtype: int8, shape: [1, 49, 10]}");
                        arrays.Add((RawFile.Read(file, kind, shape), input, file));
                        break;
                    case DatasetFormat.Csv:
                        var (rows, column) = CsvFile.Read(file, options.Labels is { Path: null } own ? own.Column : null, options.Labels?.Path is null, options.Shape);
                        arrays.Add((rows, input, file));
                        labels = column ?? labels;
                        break;
                    default:
                        throw DataErrors.Undescribed(file, "images and other files cannot be mixed in one data set");
                }
            }
            CheckCounts(arrays);
            labels = LabelFile.Read(options, arrays[0].Array.Count) ?? labels;
            return new ArraySource(arrays.ToImmutable(), labels, options.Shape is { Length: 1 });
        }
        catch
        {
            foreach (var (array, _, _) in arrays) array.Store.Dispose();
            throw;
        }
    }

    private static ISampleSource OpenShards(
        DatasetOptions options, FileReference list, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, List<Diagnostic> warnings, ListingProgress? watch)
    {
        var shards = ShardList.Read(list);
        DatasetFormat FormatOf(Shard shard) => options.Format ?? FormatGuess.Of(shard.File);
        var format = FormatOf(shards[0]);
        foreach (var shard in shards)
        {
            if (!File.Exists(shard.File.FullPath) && !Directory.Exists(shard.File.FullPath)) throw DataErrors.Unreadable(shard.File, new FileNotFoundException());
            if (FormatOf(shard) is var other && other != format)
            {
                throw DataErrors.Undescribed(
                    shard.File, $"it is read as {Name(other)}, but '{shards[0].File.Text}' as {Name(format)}: the shards of a list have one format");
            }
        }
        if (format == DatasetFormat.Images)
        {
            return ImageSource.Open(options, list, inputs, declared, warnings, () => new ImageShards(list, shards, file => ImageSource.Files(file, null), watch), watch);
        }
        // Labels beside the list are of all shards together; without them each shard is looked at for its own.
        bool holdLabels = options.Labels?.Path is null && format is DatasetFormat.Npz or DatasetFormat.Csv or DatasetFormat.Cifar10;
        var own = options with { IsShardList = false, Labels = options.Labels is { Path: not null } ? null : options.Labels };
        return ShardedSource.Open(
            list, shards, shard => Open(own with { Files = [new DataFile(options.Files[0].Input, shard.File)] }, inputs, declared, warnings), holdLabels,
            count => LabelFile.Read(options, count), watch);
    }

    private static string Name(DatasetFormat format) => format.ToString().ToLowerInvariant();

    private static int[]? AddNpz(
        DatasetOptions options, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared,
        ImmutableArray<(SampleArray Array, string? Input, FileReference File)>.Builder arrays, string? input, FileReference file)
    {
        var names = NpzFile.Names(file);
        if (names.IsEmpty) throw DataErrors.Empty(file, "arrays (.npy entries)");
        bool isInput(string name) => inputs.Any(i => i.Name == name) || declared.Any(d => d.Array == name);
        string? labelArray = options.Labels?.Array;
        if (labelArray is not null && options.Labels?.Path is null && !names.Contains(labelArray))
            throw DataErrors.Labels(file, $"there is no array '{labelArray}' for the labels; there are {string.Join(", ", names)}");
        if (options.Labels is null && names.Length > 1) labelArray = s_labelNames.FirstOrDefault(name => names.Contains(name) && !isInput(name));
        int[]? labels = null;
        foreach (var array in NpzFile.Read(file, _ => true))
        {
            if (array.Name != labelArray || options.Labels?.Path is not null)
            {
                arrays.Add((array, input, file));
                continue;
            }
            labels = LabelColumn.Of(array, file);
            array.Store.Dispose();
        }
        if (arrays.Count == 0) throw DataErrors.Empty(file, $"array besides the labels '{labelArray}'");
        return labels is null || labels.Length == arrays[0].Array.Count
            ? labels
            : throw DataErrors.Labels(file, $"{arrays[0].Array.Count} samples in array '{arrays[0].Array.Name}', but {labels.Length} labels in '{labelArray}'");
    }

    private static void CheckCounts(ImmutableArray<(SampleArray Array, string? Input, FileReference File)>.Builder arrays)
    {
        var first = arrays[0];
        foreach (var (array, _, file) in arrays)
        {
            if (array.Count == first.Array.Count) continue;
            throw DataErrors.WrongFormat(file, $"{Call(array, file)} has {array.Count} samples, but {Call(first.Array, first.File)} has {first.Array.Count}");
        }
    }

    private static string Call(SampleArray array, FileReference file) => array.Name.Length > 0 ? $"array '{array.Name}'" : $"'{file.Text}'";
}
