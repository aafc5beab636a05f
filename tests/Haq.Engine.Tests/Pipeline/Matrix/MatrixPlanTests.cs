using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Pipeline.Matrix;

public sealed class MatrixPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cells_go_by_manifest_then_target_and_keep_their_folders_below_the_output_folder()
    {
        string[] manifests = [Manifest("nets/a"), Manifest("nets/deep/b")];
        var plan = MatrixPlan.Of(manifests, ["bismo-edge", "bismo-cloud"], Template with { OutputFolder = _folder["out"] });
        Assert.Equal(_folder["nets"], plan.Root);
        Assert.Equal(
            [("a", "bismo-edge"), ("a", "bismo-cloud"), (Path.Combine("deep", "b"), "bismo-edge"), (Path.Combine("deep", "b"), "bismo-cloud")],
            plan.Cells.Select(c => (Path.GetRelativePath(_folder["out"], c.Options.OutputFolder!), c.Target)));
        Assert.Equal(["bismo-edge", "bismo-cloud", "bismo-edge", "bismo-cloud"], plan.Cells.Select(c => c.Options.Cell));
        Assert.All(plan.Cells, c => Assert.Equal("net.onnx", Path.GetFileName(c.Model)));
    }

    [Fact]
    public void Without_targets_every_manifest_is_built_as_it_says()
    {
        var plan = MatrixPlan.Of([Manifest("a"), Manifest("b", hardware: "bismo-cloud")], [], Template);
        Assert.Equal(["bismo-edge", "bismo-cloud"], plan.Cells.Select(c => c.Target));
        Assert.All(plan.Cells, c => Assert.Equal((null, null, null), (c.Options.Cell, c.Options.Hardware, c.Options.OutputFolder)));
    }

    [Fact]
    public void What_is_wrong_with_one_manifest_is_its_cells_alone()
    {
        File.WriteAllText(_folder["broken.yaml"], "model: net.onnx\nhardwear: bismo-edge\n");
        var plan = MatrixPlan.Of([_folder["broken.yaml"], Manifest("a"), Manifest("b", hardware: "no-such")], [], Template);
        Assert.Contains(plan.Cells[0].Defect!.Diagnostics, d => d.Descriptor.Code == "HAQ0002");
        Assert.Null(plan.Cells[1].Defect);
        Assert.Equal("HAQ0201", plan.Cells[2].Defect!.Diagnostic.Descriptor.Code);
    }

    [Theory]
    [InlineData("no-such", null, "HAQ0201")]
    [InlineData("bismo-edge", "latency: fast", "HAQ0004")]
    public void What_is_wrong_for_all_is_an_error_before_anything_starts(string hardware, string? budget, string code)
    {
        var e = Assert.Throws<HaqException>(() => MatrixPlan.Of([Manifest("a")], [hardware], Template with { Budget = budget }));
        Assert.Equal(code, e.Diagnostic.Descriptor.Code);
    }

    [Fact]
    public void Two_cells_never_write_one_file()
    {
        string[] clashing = [Manifest("a"), Manifest("a", name: "other.yaml")];
        var outputs = Assert.Throws<HaqException>(() => MatrixPlan.Of(clashing, [], Template));
        Assert.Equal("HAQ0022", outputs.Diagnostic.Descriptor.Code);
        Assert.Contains("net.haq.onnx", outputs.Message, StringComparison.Ordinal);
        Assert.Contains("other.yaml", outputs.Message, StringComparison.Ordinal);

        // Two hardware files that call themselves the same.
        string[] files = [Hardware("one.yaml", "npu"), Hardware("two.yaml", "npu")];
        Assert.Equal("HAQ0022", Assert.Throws<HaqException>(() => MatrixPlan.Of([Manifest("a")], files, Template)).Diagnostic.Descriptor.Code);
        Assert.Equal(["npu", "np-u"], MatrixPlan.Of([Manifest("a")], [files[0], Hardware("three.yaml", "np/u")], Template).Cells.Select(c => c.Options.Cell));

        // Lock files: haq.yaml for a.b, and haq.a.yaml for b.
        string[] locks = [Manifest("c", output: "x.onnx"), Manifest("c", name: "haq.a.yaml", output: "y.onnx")];
        Assert.Equal(2, MatrixPlan.Of(locks, [Hardware("four.yaml", "b")], Template).Cells.Length);
        string[] dotted = [Hardware("four.yaml", "b"), Hardware("five.yaml", "a.b")];
        Assert.Contains("haq.a.b.lock.json", Assert.Throws<HaqException>(() => MatrixPlan.Of(locks, dotted, Template)).Message, StringComparison.Ordinal);

        // What one writes another one reads.
        string[] chain = [Manifest("e"), Manifest("e", name: "next.yaml", model: "net.haq.onnx", output: "z.onnx")];
        Assert.Contains("reads", Assert.Throws<HaqException>(() => MatrixPlan.Of(chain, [], Template)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cells_that_are_timed_here_or_on_a_device_run_alone()
    {
        var plan = MatrixPlan.Of([Manifest("a"), Manifest("b", hardware: "onnxruntime"), Manifest("c", more: "search: {measure: top 3}\n")], [], Template);
        Assert.Equal([false, true, true], plan.Cells.Select(c => c.IsAlone));
    }

    [Theory]
    [InlineData(1, 64L, 1)]
    [InlineData(8, 64L, 4)]
    [InlineData(8, 1L, 2)]
    [InlineData(64, 64L, 6)]
    public void As_many_cells_run_as_cores_memory_and_cells_allow(int cores, long gigabytes, int jobs)
    {
        var plan = MatrixPlan.Of([Manifest("a"), Manifest("b"), Manifest("c")], ["bismo-edge", "bismo-cloud"], Template with { Threads = 2 });
        Assert.Equal(jobs, MatrixJobs.Default(plan, cores, gigabytes * 1_000_000_000).Count);
    }

    private PipelineOptions Template => new("", new StageCache(_folder["cache"])) { Strategy = Strategies.Names.First() };

    private string Manifest(string folder, string hardware = "bismo-edge", string name = "haq.yaml", string model = "net.onnx", string? output = null, string more = "")
    {
        string file = _folder[$"{folder}/{name}"];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(file)!, "net.onnx"), "");
        File.WriteAllText(file, $"model: {model}\nhardware: {hardware}\nbits: 8\ndata: {{evaluation: x.npy}}\n{(output is null ? "" : $"output: {output}\n")}{more}");
        return file;
    }

    private string Hardware(string file, string name)
    {
        string path = _folder[file];
        File.WriteAllText(path, Haq.Engine.Hardware.HardwareCatalog.TextOf("bismo-edge", _folder["."]).Replace("name: bismo-edge", $"name: {name}", StringComparison.Ordinal));
        return path;
    }
}
