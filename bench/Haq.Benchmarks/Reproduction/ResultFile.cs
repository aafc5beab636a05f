using System.Text;

namespace Haq.Benchmarks.Reproduction;

/// <summary>The cells that were run, a line each, on the disk before the next one begins: a run can be stopped at any moment and started again.</summary>
internal sealed class ResultFile
{
    private readonly string _path;
    private readonly Dictionary<string, CellResult> _known = new(StringComparer.Ordinal);

    public ResultFile(string path)
    {
        _path = Path.GetFullPath(path);
        if (!File.Exists(_path)) return;
        // A line that was cut off is of a cell that has to be run again.
        foreach (var result in File.ReadLines(_path).Select(CellResult.Parse).OfType<CellResult>()) _known[result.Cell] = result;
    }

    /// <summary>All results.</summary>
    public IReadOnlyCollection<CellResult> All => _known.Values;

    /// <summary>The result of a cell; null where it was not run.</summary>
    public CellResult? Of(Cell cell) => _known.GetValueOrDefault(cell.ToString());

    /// <summary>Keeps a result.</summary>
    public void Add(CellResult result)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        using var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        // After a line that was cut off a new one begins.
        bool isCut = stream.Length > 0 && EndsWithoutBreak(stream);
        stream.Seek(0, SeekOrigin.End);
        stream.Write(Encoding.UTF8.GetBytes((isCut ? "\n" : "") + result.ToLine() + "\n"));
        stream.Flush(flushToDisk: true);
        _known[result.Cell] = result;
    }

    private static bool EndsWithoutBreak(FileStream stream)
    {
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() != '\n';
    }
}
