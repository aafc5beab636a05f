using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>The errors that several readers report alike. They point at where the file is named, and name the file in the message.</summary>
internal static class DataErrors
{
    /// <summary>Runs <paramref name="read"/>, turning failures of the file system into HAQ0101.</summary>
    public static T Guard<T>(FileReference file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(file, e);
        }
    }

    public static HaqException Unreadable(FileReference file, Exception cause)
    {
        string why = Directory.Exists(file.FullPath) ? "it is a folder"
            : !File.Exists(file.FullPath) ? $"there is no such file ({file.FullPath})"
            : cause.Message.TrimEnd('.');
        return DiagnosticCatalog.DataUnreadable.Error(file.At, $"the data file '{file.Text}' cannot be read: {why}.", cause);
    }

    public static HaqException Damaged(FileReference file, string problem, Exception? cause = null) =>
        DiagnosticCatalog.DataDamaged.Error(file.At, $"'{file.Text}': {problem}. Was it copied completely?", cause);

    public static HaqException WrongFormat(FileReference file, string problem) =>
        DiagnosticCatalog.DataDamaged.Error(file.At, $"'{file.Text}': {problem}.");

    public static HaqException Empty(FileReference file, string what) =>
        DiagnosticCatalog.DataEmpty.Error(file.At, $"'{file.Text}' holds no {what}: at least one is needed.");

    public static HaqException Labels(FileReference file, string problem) => DiagnosticCatalog.DataLabels.Error(file.At, $"'{file.Text}': {problem}.");

    public static HaqException Undescribed(FileReference file, string problem) => DiagnosticCatalog.DataUndescribed.Error(file.At, $"'{file.Text}': {problem}.");

    /// <summary>For example <c>[3, 32, 32]</c>; -1 reads as N.</summary>
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape.Select(e => e < 0 ? "N" : e.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";

    public static string Text(ImmutableArray<int> shape) => Text(shape.Select(e => (long)e));
}
