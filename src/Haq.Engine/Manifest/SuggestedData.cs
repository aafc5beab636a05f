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

    /// <summary>Looks at the files and folders directly in <paramref name="folder"/>.</summary>
    public static SuggestedData In(string folder)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Where(IsData).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        string[] labels = [.. names.Where(n => n.Contains("label", StringComparison.OrdinalIgnoreCase))];
        string[] samples = [.. names.Except(labels)];
        string? Named(string[] among, ImmutableArray<string> words) => among.FirstOrDefault(n => words.Any(w => n.Contains(w, StringComparison.OrdinalIgnoreCase)));
        string? calibration = Named(samples, s_calibration), training = Named(samples, s_training);
        string? evaluation = Named(samples, s_evaluation) ?? samples.FirstOrDefault(n => n != calibration && n != training);
        if (evaluation is null && (training ?? calibration) is { } only)
            return new SuggestedData(only, only == training ? Named(labels, s_training) ?? labels.FirstOrDefault() : labels.FirstOrDefault(), null, null, null);
        return new SuggestedData(
            evaluation, evaluation is null ? null : Named(labels, s_evaluation) ?? labels.FirstOrDefault(l => Named([l], s_training) is null),
            training, training is null ? null : Named(labels, s_training), calibration);
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
