using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>Files in a folder that look like data sets, judged by their names alone.</summary>
/// <param name="Evaluation">As the manifest would name it, or null.</param>
/// <param name="EvaluationLabels">Labels beside it, or null.</param>
/// <param name="Training">Or null.</param>
/// <param name="TrainingLabels">Or null.</param>
/// <param name="Calibration">Or null.</param>
public sealed record SuggestedData(string? Evaluation, string? EvaluationLabels, string? Training, string? TrainingLabels, string? Calibration)
{
    private static readonly ImmutableArray<string> s_evaluation = ["eval", "test", "val", "t10k"], s_training = ["train"], s_calibration = ["calib"];

    /// <summary>How the evaluation data is stored where it is bare values; null where its name tells.</summary>
    public RawLayout? Raw { get; init; }

    /// <summary>Looks at the files and folders directly in <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="sample">The shape of one sample of the model's only input; null where it is not known. Files of bare values are judged by it.</param>
    public static SuggestedData In(string folder, ImmutableArray<int>? sample = null)
    {
        var named = Named(folder);
        return named.Evaluation is null && sample is { } shape && Bare(folder, shape) is { } raw ? raw : named;
    }

    // Only where nothing else was found: a file called .bin can be anything.
    private static SuggestedData? Bare(string folder, ImmutableArray<int> sample)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(RawLayout.IsRaw).Order(StringComparer.Ordinal)];
        string? labels = files.FirstOrDefault(IsLabels) ?? Directory.EnumerateFiles(folder).Where(f => IsLabels(f) && IsData(f)).Order(StringComparer.Ordinal).FirstOrDefault();
        foreach (string file in files.Where(f => !IsLabels(f)).OrderByDescending(f => s_evaluation.Any(w => Path.GetFileName(f).Contains(w, StringComparison.OrdinalIgnoreCase))))
        {
            if (RawLayout.Of(file, sample, labels) is { } layout)
                return new SuggestedData(Path.GetFileName(file), labels is null ? null : Path.GetFileName(labels), null, null, null) { Raw = layout };
        }
        return null;
    }

    private static bool IsLabels(string path) => Path.GetFileName(path).Contains("label", StringComparison.OrdinalIgnoreCase);

    private static SuggestedData Named(string folder)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Where(IsData).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        string[] labels = [.. names.Where(IsLabels)];
        string[] samples = [.. names.Except(labels)];
        string? First(string[] among, ImmutableArray<string> words) => among.FirstOrDefault(n => words.Any(w => n.Contains(w, StringComparison.OrdinalIgnoreCase)));
        string? calibration = First(samples, s_calibration), training = First(samples, s_training);
        string? evaluation = First(samples, s_evaluation) ?? samples.FirstOrDefault(n => n != calibration && n != training);
        if (evaluation is null && (training ?? calibration) is { } only)
            return new SuggestedData(only, only == training ? First(labels, s_training) ?? labels.FirstOrDefault() : labels.FirstOrDefault(), null, null, null);
        return new SuggestedData(
            evaluation, evaluation is null ? null : First(labels, s_evaluation) ?? labels.FirstOrDefault(l => First([l], s_training) is null),
            training, training is null ? null : First(labels, s_training), calibration);
    }

    private static bool IsData(string path)
    {
        if (Directory.Exists(path)) return Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).Take(1000).Any(IsImage);
        try
        {
            FormatGuess.Of(FileReference.Resolve(Path.GetFullPath(path), new SourceLocation(path)));
            return true;
        }
        catch (HaqException)
        {
            return false;
        }
    }

    private static bool IsImage(string path) => Path.GetExtension(path).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png";
}
