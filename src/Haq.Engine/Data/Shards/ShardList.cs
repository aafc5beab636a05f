using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Shards;

/// <summary>
/// A list of shards: a path on each line, from the list's folder, in double quotes where it has blanks; then, where wanted, the number of samples and the SHA-256. <c>#</c> begins a comment.
/// </summary>
internal static class ShardList
{
    private const int MostLine = 1 << 16, Sha256Digits = 64;

    /// <exception cref="HaqException">It cannot be read (HAQ0101), or a line is not as it should be (HAQ0111).</exception>
    public static ImmutableArray<Shard> Read(FileReference list)
    {
        var shards = ImmutableArray.CreateBuilder<Shard>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        using var reader = DataErrors.Guard(list, () =>
        {
            OrdinaryFile.Require(list.FullPath);
            return new StreamReader(list.FullPath, new UTF8Encoding(false, throwOnInvalidBytes: true));
        });
        for (int number = 1; Next(reader, list, number) is { } line; number++)
        {
            var at = new Cursor(line, list, number);
            if (at.Word() is not { } path) continue;
            int column = at.Column;
            var file = FileReference.Resolve(path, At(list, number, column));
            if (path.Length == 0) throw at.Wrong("an empty path", "a file or folder");
            if (!lines.TryAdd(file.FullPath, number)) throw at.Wrong($"'{path}' again, as in line {lines[file.FullPath]}", "each shard once: its samples would count twice");
            shards.Add(Rest(at, new Shard(file, null, null)));
        }
        if (shards.Count > 0) return shards.ToImmutable();
        throw DiagnosticCatalog.ShardList.Error(At(list, 1, 1), $"'{list.Text}' lists no shard: expected a path on each line, as in 'train-000.zip'.");
    }

    private static Shard Rest(Cursor at, Shard shard)
    {
        while (at.Word() is { } word)
        {
            string digits = word.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? word[7..] : word;
            if (shard.Sha256 is null && digits.Length == Sha256Digits && digits.All(char.IsAsciiHexDigit))
                shard = shard with { Sha256 = digits.ToLowerInvariant(), Sha256At = at.Here };
            else if (shard is { Sha256: null, Count: null } && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
                shard = shard with { Count = count, CountAt = at.Here };
            else
                throw at.Wrong($"'{word}'", "after the path, the number of samples (from 1) and the SHA-256 (64 hexadecimal digits), each at most once; a path with blanks stands in double quotes");
        }
        return shard;
    }

    private static string? Next(StreamReader reader, FileReference list, int number)
    {
        try
        {
            string? line = reader.ReadLine();
            return line is null || line.Length <= MostLine && !line.Contains('\0', StringComparison.Ordinal) ? line : throw NoText(list, number, $"line {number} is no text");
        }
        catch (DecoderFallbackException e)
        {
            throw NoText(list, number, "it is no UTF-8 text", e);
        }
        catch (IOException e)
        {
            throw DataErrors.Unreadable(list, e);
        }
    }

    private static HaqException NoText(FileReference list, int number, string problem, Exception? cause = null) => DiagnosticCatalog.ShardList.Error(
        At(list, number, 1), $"'{list.Text}' is no list of shards: {problem}. The key is 'path' for a data file, 'shards' for a list of such.", cause);

    private static SourceLocation At(FileReference list, int line, int column) => new(list.FullPath, line, column);

    // Words of one line.
    private sealed class Cursor(string line, FileReference list, int number)
    {
        private int _at;

        /// <summary>Of the last word, from 1.</summary>
        public int Column { get; private set; } = 1;

        public SourceLocation Here => At(list, number, Column);

        public string? Word()
        {
            while (_at < line.Length && char.IsWhiteSpace(line[_at])) _at++;
            if (_at == line.Length || line[_at] == '#') return null;
            Column = _at + 1;
            bool isQuoted = line[_at] == '"';
            int start = isQuoted ? ++_at : _at;
            while (_at < line.Length && (isQuoted ? line[_at] != '"' : !char.IsWhiteSpace(line[_at]))) _at++;
            string word = line[start.._at];
            if (isQuoted && _at++ == line.Length) throw Wrong("a quotation mark that is never closed", "a second one behind the path");
            return word;
        }

        public HaqException Wrong(string found, string expected) => DiagnosticCatalog.ShardList.Error(Here, $"'{list.Text}' has {found}; expected {expected}.");
    }
}
