using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Reporting.Matrix;
using Haq.Tool.Output;

namespace Haq.Tool.Matrix;

/// <summary>What came of a matrix, for people.</summary>
internal static class MatrixText
{
    private const int MostRows = 40;

    /// <summary>Warnings and errors, each once: many cells may share one.</summary>
    public static void Complain(MatrixResult result)
    {
        var lines = result.Outcomes.SelectMany(o => o.Warnings).Concat(result.Outcomes.SelectMany(o => o.Errors)).Select(d => d.ToString()).GroupBy(line => line, StringComparer.Ordinal);
        foreach (var line in lines) Console.Error.WriteLine(line.Count() == 1 ? line.Key : $"{line.Key} ({line.Count()} cells)");
        if (result.Outcomes.Select(o => o.Unforeseen).FirstOrDefault(e => e is not null and not IOException and not UnauthorizedAccessException) is { } unforeseen) Console.Error.WriteLine(unforeseen);
    }

    /// <summary>The table, what is wrong first where there are many rows, and where the summary is.</summary>
    public static void Print(MatrixResult result, string page)
    {
        var cells = result.Report.Cells;
        var shown = cells.Length <= MostRows ? cells : [.. cells.Where(c => !c.IsBuilt || c.Errors.Length > 0).Take(MostRows)];
        if (shown.Length > 0)
        {
            var columns = MatrixColumn.Of(result.Report).Where(c => c.Title is "State" or "Metric" or "Float" or "Quantized" or "Points" or "Latency" or "File").ToArray();
            var table = Tables.New(["manifest", "target", .. columns.Select(c => c.Title.ToLowerInvariant())]).AlignRight(4, columns.Length + 1);
            foreach (var cell in shown) table.AddText([cell.Manifest, cell.Target, .. columns.Select(c => c.Text(cell))]);
            table.Print();
        }
        int known = result.Outcomes.Count(o => o.State == CellState.UpToDate);
        Console.WriteLine($"{result.Report.Sentence}{(known > 0 ? $" ({known} up to date)" : "")}");
        Console.WriteLine($"  {"summary",-12} {ShownPath.Of(page)}");
    }

    /// <summary>What is finished, and how to go on.</summary>
    public static void SayInterrupted(MatrixResult result) =>
        Console.Error.WriteLine($"haq: interrupted. {result.Report.Sentence}; what was found is kept, and the same command goes on from there.");
}
