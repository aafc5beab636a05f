using Haq.Benchmarks.Reproduction;
using Haq.Benchmarks.Strategies;

namespace Haq.Engine.Tests.Reproduction;

/// <summary>A run that is stopped at any moment loses no cell that was done.</summary>
public sealed class ResultFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_line_that_was_cut_off_is_run_again_and_hurts_no_other()
    {
        string path = Path.Combine(_folder.Path, "haq", "cells.jsonl");
        Cell[] cells = [.. CellPlan.All.Take(3)];
        var file = new ResultFile(path);
        file.Add(ResultOf(cells[0]));
        file.Add(ResultOf(cells[1]));
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^20]);

        var again = new ResultFile(path);
        Assert.NotNull(again.Of(cells[0]));
        Assert.Null(again.Of(cells[1]));
        again.Add(ResultOf(cells[1]));
        again.Add(ResultOf(cells[2]));

        Assert.All(cells, cell => Assert.NotNull(new ResultFile(path).Of(cell)));
    }

    [Fact]
    public void A_result_is_read_as_it_was_written()
    {
        var result = ResultOf(CellPlan.All.First()) with { SearchedLoss = 0.25, Evaluated = 7, EndedIn = "probing", Latencies = new() { ["bismo-edge"] = 0.5 } };
        var read = CellResult.Parse(result.ToLine())!;
        Assert.Equal(result with { Latencies = null }, read with { Latencies = null });
        Assert.Equal(0.5, read.Latencies!["bismo-edge"]);
        // Two of three images are right; the float model has all of them.
        Assert.Equal(66.6667, read.Top1, 4);
        Assert.Equal(100, read.FloatTop1);
        Assert.Equal(0.6, read.Relative, 12);
    }

    [Fact]
    public void Every_cell_has_a_name_of_its_own()
    {
        string[] names = [.. CellPlan.All.Select(c => c.ToString())];
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();

    private static CellResult ResultOf(Cell cell) =>
        new(cell.ToString(), "w8a8 w4a6", 6, 6, 10, 3, StrategyRun.Pack([true, true, true]), StrategyRun.Pack([true, false, true]), 0.125, new string('0', 64));
}
