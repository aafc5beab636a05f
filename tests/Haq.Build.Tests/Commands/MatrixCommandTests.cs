using System.Text.Json.Nodes;
using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq quantize</c> with several manifests or targets.</summary>
[Collection(CommandCollection.Name)]
public sealed class MatrixCommandTests(CommandFixture fixture)
{
    private const string Targets = "bismo-edge,bismo-cloud";

    [Fact]
    public void Every_cell_leaves_what_it_would_leave_alone_whatever_the_number_of_jobs()
    {
        string one = Nets("one", 2), three = Nets("three", 2), alone = Nets("alone", 2);
        WithCache("cache-one", () => ToolRun.Of("quantize", one + "/*/haq.yaml", "--hardware", Targets, "--jobs", "1").Succeeded());
        WithCache("cache-three", () => ToolRun.Of("quantize", three + "/**/haq.yaml", "--hardware", "bismo-cloud,bismo-edge", "--jobs", "3").Succeeded());
        foreach (string net in (string[])["net1", "net0"])
        {
            foreach (string target in Targets.Split(',').Reverse())
            {
                string cell = Path.Combine(alone, net);
                WithCache($"cache-{net}-{target}", () => ToolRun.Of("quantize", cell, "--hardware", target, "--summary", cell).Succeeded());
                string trial = Path.Combine(alone, "trial");
                WithCache($"cache-{net}-{target}", () => ToolRun.Of("quantize", cell, "--hardware", target, "--output", trial).Succeeded());
                Assert.Equal(File.ReadAllBytes(Path.Combine(trial, "tiny.haq.onnx")), File.ReadAllBytes(Path.Combine(cell, $"tiny.{target}.haq.onnx")));
            }
        }
        string[] files = Files(one);
        Assert.Equal(2 * (2 * 5 + 3) + 3, files.Length);
        Assert.Contains("net0/haq.bismo-edge.lock.json", files);
        Assert.Contains("net1/tiny.bismo-cloud.haq.report.html", files);
        foreach (string file in files.Where(f => f.StartsWith("net", StringComparison.Ordinal) && !f.EndsWith(".html", StringComparison.Ordinal)))
        {
            Assert.Equal(Content(one, file), Content(three, file));
            Assert.Equal(Content(one, file), Content(alone, file));
        }
    }

    [Fact]
    public void The_next_run_does_nothing_and_says_the_same()
    {
        string root = Nets("again", 2);
        string first = ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", Targets).Succeeded();
        Assert.Contains("4 of 4 built", first, StringComparison.Ordinal);
        var before = Files(root).ToDictionary(f => f, f => File.GetLastWriteTimeUtc(Path.Combine(root, f)));
        string second = ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", Targets).Succeeded();
        Assert.Contains("(4 up to date)", second, StringComparison.Ordinal);
        Assert.Equal(before, Files(root).ToDictionary(f => f, f => File.GetLastWriteTimeUtc(Path.Combine(root, f))));

        // From the lock files alone, each cell from its own.
        ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", Targets, "--locked").Succeeded();
        File.Delete(Path.Combine(root, "net1", "haq.bismo-cloud.lock.json"));
        var locked = ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", Targets, "--locked");
        Assert.Equal(ExitCode.CheckFailed, locked.Exit);
        Assert.Contains("HAQ0804", locked.Error, StringComparison.Ordinal);
        Assert.Contains("3 of 4 built, 1 failed", locked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_that_fails_stops_no_other_and_the_worst_decides_the_status()
    {
        string root = Nets("failing", 3);
        File.WriteAllText(Path.Combine(root, "net0", "tiny.onnx"), "no model");
        File.WriteAllText(Path.Combine(root, "net1", "haq.yaml"), "model: tiny.onnx\nhardwear: bismo-edge\n");
        var run = ToolRun.Of("quantize", root + "/*/haq.yaml", "--json");
        Assert.Equal(ExitCode.Model, run.Exit);
        Assert.Contains("error HAQ0002", run.Error, StringComparison.Ordinal);
        var cells = JsonNode.Parse(run.Output)!["cells"]!.AsArray();
        Assert.Equal(["failed", "failed", "ok"], cells.Select(c => (string)c!["state"]!));
        Assert.Equal(File.ReadAllText(Path.Combine(root, "matrix.json")), run.Output);
        Assert.DoesNotContain(root, File.ReadAllText(Path.Combine(root, "matrix.html")) + File.ReadAllText(Path.Combine(root, "matrix.md")) + run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(root, "net2", "tiny.haq.onnx")));
        Assert.True(File.Exists(Path.Combine(root, "net2", "haq.lock.json")));

        var fast = ToolRun.Of("quantize", root + "/*/haq.yaml", "--json", "--fail-fast", "--jobs", "1");
        Assert.Equal(ExitCode.Model, fast.Exit);
        Assert.Equal(["failed", "not-started", "not-started"], JsonNode.Parse(fast.Output)!["cells"]!.AsArray().Select(c => (string)c!["state"]!));
    }

    [Fact]
    public void A_broken_gate_is_one_cells_and_its_outputs_are_there()
    {
        string root = Nets("gates", 2);
        string manifest = Path.Combine(root, "net1", "haq.yaml");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("{latency: 0.95x}", "{file-size: 1 kB}", StringComparison.Ordinal));
        var run = ToolRun.Of("quantize", root + "/*/haq.yaml", "--json");
        string[] states = [.. JsonNode.Parse(run.Output)!["cells"]!.AsArray().Select(c => (string)c!["state"]!)];
        Assert.Equal("ok", states[0]);
        Assert.NotEqual("ok", states[1]);
        Assert.NotEqual(ExitCode.Ok, run.Exit);
    }

    [Fact]
    public void Outputs_go_below_one_folder_in_their_own_folders_and_quiet_says_nothing()
    {
        string root = Nets("folders", 2), output = Path.Combine(root, "out");
        var run = ToolRun.Of("quantize", root + "/*/haq.yaml", "--output", output, "--quiet");
        Assert.Equal((ExitCode.Ok, "", ""), (run.Exit, run.Output, run.Error));
        Assert.Equal(["net0", "net1"], Directory.GetDirectories(output).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));
        Assert.Contains("href=\"net1/tiny.haq.report.html\"", File.ReadAllText(Path.Combine(output, "matrix.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(root, "net0", "haq.lock.json")));
    }

    [Fact]
    public void What_is_wrong_with_the_matrix_is_said_before_anything_starts()
    {
        string root = Nets("wrong", 1);
        ToolRun.Of("quantize", root + "/**/no.yaml").Failed(ExitCode.Usage, "HAQ0023");
        ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", "bismo-edge,bismo-cluod").Failed(ExitCode.Usage, "HAQ0201");
        File.Copy(Path.Combine(root, "net0", "haq.yaml"), Path.Combine(root, "net0", "other.yaml"));
        ToolRun.Of("quantize", root + "/net0/*.yaml").Failed(ExitCode.Usage, "HAQ0022");
        ToolRun.Of("quantize", root, "--jobs", "0").Misused("quantize", "--jobs is 0. Expected a number from 1.");
        ToolRun.Of("quantize", root, "--jobs", "many").Misused("quantize", "--jobs is 'many'. Expected a whole number.");
        ToolRun.Of("quantize", root + "/*/haq.yaml", "--hardware", ",").Failed(ExitCode.Usage, "HAQ0201");
        Assert.False(File.Exists(Path.Combine(root, "net0", "tiny.haq.onnx")));
    }

    [Fact]
    public void Patterns_look_into_no_folder_that_tools_write_unless_it_is_named()
    {
        string root = Nets("patterns", 1);
        foreach (string folder in (string[])["obj", ".git", "node_modules/x"])
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
            File.WriteAllText(Path.Combine(root, folder, "haq.yaml"), "");
        }
        Assert.Equal([Path.Combine(root, "net0", "haq.yaml")], Haq.Tool.Matrix.ManifestPatterns.Expand([root + "/**/haq.yaml", Path.Combine(root, "net0")]));
        Assert.Equal([Path.Combine(root, "obj", "haq.yaml")], Haq.Tool.Matrix.ManifestPatterns.Expand([root + "/obj/*.yaml"]));
        Assert.Equal([Path.Combine(root, "obj", "haq.yaml")], Haq.Tool.Matrix.ManifestPatterns.Expand([root + "/**/obj/haq.yaml"]));
    }

    private string Nets(string name, int count)
    {
        for (int i = 0; i < count; i++) fixture.NewFolder($"{name}/net{i}");
        string root = Path.GetDirectoryName(fixture.NewFolder($"{name}/net0"))!;
        Directory.CreateDirectory(root);
        return root;
    }

    private void WithCache(string name, Action run)
    {
        string? before = Environment.GetEnvironmentVariable("HAQ_CACHE");
        Environment.SetEnvironmentVariable("HAQ_CACHE", Path.Combine(fixture.Built, "..", name));
        try
        {
            run();
        }
        finally
        {
            Environment.SetEnvironmentVariable("HAQ_CACHE", before);
        }
    }

    private static string[] Files(string root) =>
        [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    // Of a report all but what differs from run to run.
    private static string Content(string root, string file)
    {
        string path = Path.Combine(root, file);
        if (!file.EndsWith(".report.json", StringComparison.Ordinal)) return Convert.ToHexString(File.ReadAllBytes(path));
        var report = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        report.Remove("timings");
        return report.ToJsonString();
    }
}
