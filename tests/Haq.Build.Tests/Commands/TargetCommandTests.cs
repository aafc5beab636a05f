using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq target</c> and <c>haq check --target</c>.</summary>
[Collection(CommandCollection.Name)]
public sealed class TargetCommandTests(CommandFixture fixture)
{
    private string Quantized => Path.Combine(fixture.Built, "tiny.haq.onnx");

    [Fact]
    public void Targets_are_listed_and_shown_with_their_sources()
    {
        Assert.Equal(DialectCatalog.BuiltInNames.Length, ToolRun.Of("target", "list", "--json").Json().GetArrayLength());
        Assert.Contains("Qualcomm", ToolRun.Of("target", "list").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("https://", ToolRun.Of("target", "show", "qnn").Succeeded(), StringComparison.Ordinal);
        var rules = ToolRun.Of("target", "show", "tensorrt", "--json").Json().GetProperty("rules").EnumerateArray();
        Assert.All(rules, rule => Assert.StartsWith("https://", rule.GetProperty("source").GetProperty("url").GetString(), StringComparison.Ordinal));
        Assert.Contains("\"oneOf\"", ToolRun.Of("target", "schema").Succeeded(), StringComparison.Ordinal);
        Assert.StartsWith("name: openvino", ToolRun.Of("target", "show", "openvino", "--yaml").Succeeded(), StringComparison.Ordinal);
        ToolRun.Of("target", "show", "tensort").Failed(ExitCode.Usage, "HAQ0221");
    }

    [Fact]
    public void A_file_that_falls_back_fails_line_by_line_in_every_form()
    {
        var run = ToolRun.Of("check", "--target", "tensorrt", Quantized);
        Assert.Equal(ExitCode.CheckFailed, run.Exit);
        Assert.Contains("error HAQ0922: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("  refused  ", run.Output, StringComparison.Ordinal);
        Assert.Contains("not the vendor's compiler", run.Output, StringComparison.Ordinal);

        string sarif = Path.Combine(fixture.NewFolder("target"), "target.sarif");
        var json = ToolRun.Of("check", "--target", "tensorrt", Quantized, "--json", "--sarif", sarif);
        var findings = JsonDocument.Parse(json.Output).RootElement.GetProperty("findings");
        int reasons = findings.EnumerateArray().Sum(f => f.GetProperty("reasons").GetArrayLength());
        var results = JsonDocument.Parse(File.ReadAllText(sarif)).RootElement.GetProperty("runs")[0].GetProperty("results");
        Assert.Equal(reasons, results.GetArrayLength());
        Assert.Contains(results.EnumerateArray(), r => r.GetProperty("ruleId").GetString() == "HAQ0922" && r.GetProperty("locations")[0].TryGetProperty("logicalLocations", out _));
    }

    [Fact]
    public void A_file_in_the_dialect_passes_and_allowances_are_taken()
    {
        ToolRun.Of("check", "--target", "onnxruntime", Quantized).Succeeded();
        var allowed = ToolRun.Of("check", "--target", "tensorrt", Quantized, "--allow", "*", "--allow", "nobody");
        Assert.Contains("allowed", allowed.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("warning HAQ1922: ", allowed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tidl", "layer_name:")]
    [InlineData("aimet", "\"2.0.0\"")]
    [InlineData("hailo", "quantization_param(")]
    [InlineData("csv", "layer,weight_bits,activation_bits")]
    public void What_was_decided_is_written_for_toolchains_that_take_a_file_beside_the_model(string kind, string holds)
    {
        Assert.Contains(holds, ToolRun.Of("export", fixture.Built, "--sidecar", kind, "--output", "-").Succeeded(), StringComparison.Ordinal);
        ToolRun.Of("export", fixture.Built).Misused("export", "--sidecar");
        ToolRun.Of("export", fixture.NewFolder($"unbuilt-{kind}"), "--sidecar", kind).Failed(ExitCode.CheckFailed, "HAQ0804");
    }

    [Theory]
    [InlineData("qnn")]
    [InlineData("tensorrt")]
    [InlineData("vitis-ai")]
    public void A_manifest_with_a_target_builds_a_file_that_its_check_passes(string target)
    {
        string manifest = CommandFixture.Manifest.Replace("bits: {weights: [4, 8], activations: 8}", $"bits: {{weights: [6, 8], activations: 8}}\ntarget: {target}", StringComparison.Ordinal)
            .Replace("0.95x", "1x", StringComparison.Ordinal);
        string folder = fixture.NewFolder($"for-{target}", manifest);
        ToolRun.Of("quantize", folder).Succeeded();
        ToolRun.Of("check", "--target", target, Path.Combine(folder, "tiny.haq.onnx")).Succeeded();

        File.WriteAllText(Path.Combine(folder, "haq.yaml"), manifest.Replace($"target: {target}", "target: qmn", StringComparison.Ordinal));
        var unknown = ToolRun.Of("quantize", folder);
        Assert.Equal(ExitCode.Usage, unknown.Exit);
        Assert.Matches(@"haq\.yaml\(\d+,9\): error HAQ0221: ", unknown.Error);
    }

    [Fact]
    public void Wrong_calls_are_told_apart()
    {
        ToolRun.Of("check", "--target", "qnn", fixture.Model).Failed(ExitCode.Model, "HAQ0321");
        ToolRun.Of("check", "--target", "qmn", Quantized).Failed(ExitCode.Usage, "HAQ0221");
        ToolRun.Of("check", "--target", "qnn").Misused("check", "--target needs a model");
        ToolRun.Of("check", fixture.Built, "--json").Misused("check", "--json needs --target");
        ToolRun.Of("check", "--target", "qnn", Quantized, "--locked").Misused("check", "--locked does not go with --target");
    }
}
