using System.Collections.Immutable;

namespace Haq.Engine.Data;

/// <summary>A data set as the manifest describes it.</summary>
/// <param name="Files">One file or folder, or one file per input.</param>
public sealed record DatasetOptions(ImmutableArray<DataFile> Files)
{
    /// <summary>The one file is a list of shards: files or folders in one of the formats, a line each.</summary>
    public bool IsShardList { get; init; }

    /// <summary>Null guesses it from the name.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>Null looks for them where the format keeps them.</summary>
    public LabelOptions? Labels { get; init; }

    /// <summary>How many samples to use, a seeded choice; null for all.</summary>
    public int? Samples { get; init; }

    /// <summary>How samples become the model's input.</summary>
    public PreprocessOptions Preprocess { get; init; } = PreprocessOptions.None;

    /// <summary>Raw data: the type of its values.</summary>
    public ElementKind? ElementType { get; init; }

    /// <summary>Raw data: the shape of one sample.</summary>
    public ImmutableArray<int>? Shape { get; init; }

    /// <summary>Images: the share of files, 0..1, that may be unreadable; they are left out and counted.</summary>
    public double CorruptShare { get; init; }

    /// <summary>Images: where decoded images are kept between runs, or null.</summary>
    public string? CacheFolder { get; init; }
}
