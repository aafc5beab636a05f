using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq quantize</c>, <c>finetune</c>, <c>check</c> and <c>list</c>: what builds, and what asks about builds.</summary>
[Collection(CommandCollection.Name)]
public sealed class BuildingCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Quantize_writes_model_report_policy_and_lock()
    {
        string folder = fixture.NewFolder("quantize");
        string text = ToolRun.Of("quantize", folder).Succeeded();
        Assert.All(["tiny.haq.onnx", "tiny.haq.report.json", "tiny.haq.policy.json"], file =>
        {
            Assert.Contains(file, text, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder, file)));
        });
        Assert.True(File.Exists(Path.Combine(folder, "haq.lock.json")));

        string elsewhere = Path.Combine(folder, "out");
        var report = ToolRun.Of("quantize", folder, "--locked", "--output", elsewhere, "--json").Json();
        Assert.Equal("tiny.onnx", report.GetProperty("model").GetProperty("file").GetString());
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "tiny.haq.onnx")), File.ReadAllBytes(Path.Combine(elsewhere, "tiny.haq.onnx")));
    }

    [Fact]
    public void Quantize_refuses_a_stale_lock_and_a_bad_manifest()
    {
        string stale = fixture.NewFolder("stale");
        File.Copy(Path.Combine(fixture.Built, "haq.lock.json"), Path.Combine(stale, "haq.lock.json"));
        File.AppendAllText(Path.Combine(stale, "haq.yaml"), "metric: cosine\n");
        ToolRun.Of("quantize", stale, "--locked").Failed(ExitCode.CheckFailed, "HAQ0803");
        Assert.False(File.Exists(Path.Combine(stale, "tiny.haq.onnx")));

        string misspelt = fixture.NewFolder("misspelt", "model: tiny.onnx\nhardwear: bismo-edge\n");
        var run = ToolRun.Of("quantize", misspelt);
        run.Failed(ExitCode.Usage, "HAQ0002");
        Assert.Contains("haq.yaml(2,1): error", run.Error, StringComparison.Ordinal);
        Assert.Contains("hardware", run.Error, StringComparison.Ordinal);

        ToolRun.Of("quantize", fixture.Built, "--format", "onyx").Misused("quantize", "onyx");
    }

    [Fact]
    public void Finetune_trains_what_the_manifest_says()
    {
        string folder = fixture.NewFolder("finetune", CommandFixture.Manifest + "  training: images.npy\nfinetune: {epochs: 1, batch: 8}\n");
        var report = ToolRun.Of("finetune", folder, "--json").Json();
        Assert.True(report.TryGetProperty("finetuned", out _));

        ToolRun.Of("finetune", fixture.Built).Failed(ExitCode.Usage, "HAQ0003");
    }

    [Fact]
    public void Check_passes_within_the_budget_and_fails_behind_a_baseline()
    {
        Assert.Contains("passed", ToolRun.Of("check", fixture.Built, "--locked").Succeeded(), StringComparison.Ordinal);

        // An earlier build at a third of the latency: this one has fallen behind.
        string folder = fixture.NewFolder("check"), baseline = Path.Combine(folder, "old.haq.report.json"), sarif = Path.Combine(folder, "haq.sarif");
        var old = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(fixture.Report))!;
        old["cost"]!["latencyMs"] = old["cost"]!["latencyMs"]!.GetValue<double>() / 3;
        File.WriteAllText(baseline, old.ToJsonString());
        var run = ToolRun.Of("check", fixture.Built, "--locked", "--baseline", baseline, "--sarif", sarif, "--junit", Path.Combine(folder, "junit.xml"));
        Assert.Equal(ExitCode.CheckFailed, run.Exit);
        Assert.Contains("FAILED", run.Output, StringComparison.Ordinal);
        Assert.Contains("error HAQ", run.Error, StringComparison.Ordinal);
        Assert.Contains("2.1.0", File.ReadAllText(sarif), StringComparison.Ordinal);
        Assert.Contains("<testsuite", File.ReadAllText(Path.Combine(folder, "junit.xml")), StringComparison.Ordinal);

        ToolRun.Of("check", fixture.Built, "--baseline", Path.Combine(folder, "none.json")).Failed(ExitCode.Usage, "HAQ0901");
    }

    [Fact]
    public void List_names_the_item_that_declares_a_manifest()
    {
        string folder = fixture.NewFolder("list"), project = Path.Combine(folder, "app.proj");
        File.WriteAllText(project, "<Project>\n  <ItemGroup>\n    <HaqManifest Include=\"haq.yaml\" />\n  </ItemGroup>\n</Project>\n");

        var declared = Assert.Single(ToolRun.Of("list", project, "--json").Json().EnumerateArray());
        Assert.Equal(Path.Combine(folder, "haq.yaml"), declared.GetProperty("manifest").GetString());
        Assert.Equal((3, false), (declared.GetProperty("line").GetInt32(), declared.GetProperty("byDefault").GetBoolean()));
        Assert.Contains("app.proj(3,5)", ToolRun.Of("list", project).Succeeded(), StringComparison.Ordinal);

        ToolRun.Of("list", Path.Combine(folder, "missing.csproj")).Failed(ExitCode.Usage, "HAQ0885");
        File.WriteAllText(project, "<Project><Broken></Project>");
        ToolRun.Of("list", project).Failed(ExitCode.Usage, "HAQ0886");
    }
}
