using System.Globalization;
using System.Text.Json.Nodes;
using Haq.Build.Tests.Builds;

namespace Haq.Cluster.Tests.Matrix;

/// <summary><c>haq quantize '**/haq.yaml' --hardware A,B,C --cluster …</c>: one view, and the files that it leaves without.</summary>
public sealed class MatrixClusterTests : IDisposable
{
    private const int Manifests = 3, Cells = (Manifests + 1) * MatrixFolder.PerManifest;

    // Two bits everywhere ruin it, and next to nothing may be lost.
    private const string Broken = """
        model: tiny.onnx
        hardware: bismo-edge
        bits: {weights: 2, activations: 2}
        layers: {"*": {weights: 2, activations: 2}}
        budget: {accuracy-drop: 0.1 %}
        data: {evaluation: images.npy}

        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private readonly MatrixFolder _alone = Folder(), _together = Folder();

    public void Dispose()
    {
        _alone.Dispose();
        _together.Dispose();
    }

    [Fact]
    public void Workers_change_no_file_and_a_broken_gate_is_its_cells_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The worker is ended by a signal.");
        using var alone = _alone.Quantize(s_patience, jobs: 2);
        Assert.Equal(1, alone.Ended());
        using var worker = _together.Worker(s_patience, 0);
        Assert.True(worker.WaitFor(HaqLines.Connected(), 1), worker.Said);
        using var together = _together.Quantize(s_patience, jobs: 2, "--cluster", "localhost");
        Assert.Equal(1, together.Ended());
        Assert.Equal(0, worker.Terminate());
        Assert.InRange(HaqLines.PiecesOf(worker.Said), 10, int.MaxValue);
        Assert.Empty(MatrixFile.Differences(_alone.Files(), _together.Files()));

        // One view: a line for each cell, in whatever order they ended, and one for the whole.
        var lines = together.Said.Split('\n').Select(line => HaqLines.Finished().Match(line)).Where(m => m.Success);
        Assert.Equal(Enumerable.Range(1, Cells), lines.Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.Single(together.Said.Split('\n'), line => line.Contains("2 at a time", StringComparison.Ordinal));

        Assert.Contains("error HAQ0905: ", together.Said, StringComparison.Ordinal);
        string folder = Path.Combine(_together.Nets, "strict");
        var cells = JsonNode.Parse(File.ReadAllText(Path.Combine(_together.Nets, "matrix.json")))!["cells"]!.AsArray();
        Assert.Equal(Cells, cells.Count);
        foreach (var cell in cells)
        {
            bool isStrict = (string)cell!["manifest"]! == "strict/haq.yaml";
            Assert.Equal(isStrict ? "gate-broken" : "ok", (string)cell["state"]!);
            string[] errors = [.. cell["errors"]!.AsArray().Select(e => (string)e!["code"]!)];
            if (isStrict) Assert.Contains("HAQ0905", errors);
            else Assert.Empty(errors);
            Assert.Null(cell["timeVsFloat"]);
            Assert.True(File.Exists(Path.Combine(_together.Nets, (string)cell["output"]!)));
            Assert.True(File.Exists(Path.Combine(_together.Nets, (string)cell["report"]!)));
            if (isStrict) Assert.True(File.Exists(Path.Combine(folder, $"haq.{(string)cell["target"]!}.lock.json")));
        }
        foreach (string summary in (string[])["matrix.md", "matrix.html"])
            Assert.Contains("HAQ0905", File.ReadAllText(Path.Combine(_together.Nets, summary)), StringComparison.Ordinal);
    }

    private static MatrixFolder Folder()
    {
        var folder = new MatrixFolder(Manifests);
        string strict = Path.Combine(folder.Nets, "strict");
        TinyModel.Write(strict, seed: 99);
        File.WriteAllText(Path.Combine(strict, "haq.yaml"), Broken);
        return folder;
    }
}
