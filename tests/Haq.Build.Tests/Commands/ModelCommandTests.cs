using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq inspect</c>, <c>simulate</c>, <c>hardware</c>, <c>init</c> and <c>schema</c>: what needs a model at most.</summary>
[Collection(CommandCollection.Name)]
public sealed class ModelCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Inspect_lists_the_layers_of_a_model()
    {
        string text = ToolRun.Of("inspect", fixture.Model).Succeeded();
        Assert.All(["first", "second", "classifier"], layer => Assert.Contains(layer, text, StringComparison.Ordinal));

        var json = ToolRun.Of("inspect", fixture.Model, "--json").Json();
        Assert.Equal(["first", "second", "classifier"], json.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("name").GetString()));
        // 6x6 outputs of 8 3x3x1 filters, 4x4 of 16 3x3x8, and 16 x 10.
        Assert.Equal(36 * 8 * 9 + 16 * 16 * 72 + 160, json.GetProperty("macs").GetInt64());

        ToolRun.Of("inspect", Path.Combine(fixture.Built, "missing.onnx")).Failed(ExitCode.Model, "HAQ0301");
        ToolRun.Of("inspect", fixture.Model, "--bits", "4").Failed(ExitCode.Usage, "HAQ0004");
    }

    [Fact]
    public void Inspect_tells_which_layer_broke_a_manifests_network()
    {
        string manifest = Path.Combine(fixture.Built, "haq.yaml");
        Assert.Contains("gives back", ToolRun.Of("inspect", manifest, "--bits", "4", "--samples", "8").Succeeded(), StringComparison.Ordinal);

        var json = ToolRun.Of("inspect", manifest, "--bits", "4", "--samples", "8", "--widths", "4,8", "--json").Json();
        Assert.Equal(8, json.GetProperty("quantized").GetProperty("samples").GetInt32());
        Assert.Equal(3, json.GetProperty("layers").GetArrayLength());
        Assert.All(json.GetProperty("layers").EnumerateArray(), l => Assert.True(l.GetProperty("damageOfWeights").TryGetProperty("8", out _)));

        ToolRun.Of("inspect", manifest, "--samples", "0").Failed(ExitCode.Usage, "HAQ0004");
        ToolRun.Of("inspect", manifest, "--widths", "4,wide").Failed(ExitCode.Usage, "HAQ0211");
    }

    [Fact]
    public void Simulate_prices_a_model_in_three_forms()
    {
        Assert.Contains("bismo-edge", ToolRun.Of("simulate", fixture.Model, "--hardware", "bismo-edge", "--bits", "8,4").Succeeded(), StringComparison.Ordinal);

        string[] rows = ToolRun.Of("simulate", fixture.Model, "--hardware", "bismo-edge", "--bits", "8,4", "--format", "csv").Succeeded().TrimEnd().Split('\n');
        Assert.Equal("layer,name,op,weight_bits,activation_bits,cycles,latency_ms,energy_mj,dram_bits,bound", rows[0]);
        Assert.Equal(1 + 2 * 3, rows.Length);

        var policies = ToolRun.Of("simulate", fixture.Model, "--hardware", "bismo-edge", "--bits", "8,4", "--json").Json().GetProperty("policies");
        double[] latencies = [.. policies.EnumerateArray().Select(p => p.GetProperty("allLayers").GetProperty("latencyMs").GetDouble())];
        Assert.True(latencies[0] > latencies[1] && latencies[1] > 0, string.Join(", ", latencies));

        ToolRun.Of("simulate", fixture.Model, "--hardware", "abacus").Failed(ExitCode.Usage, "HAQ0201");
        ToolRun.Of("simulate", fixture.Model, "--hardware", "bismo-edge", "--bits", "4", "--all-bits").Misused("simulate", "exclude each other");
    }

    [Fact]
    public void Hardware_is_listed_shown_and_described()
    {
        var list = ToolRun.Of("hardware", "list", "--json").Json();
        string[] names = [.. list.EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];
        Assert.Contains("bismo-edge", names);
        string table = ToolRun.Of("hardware", "list").Succeeded();
        Assert.All(names, name => Assert.Contains(name, table, StringComparison.Ordinal));

        Assert.Contains("Assumptions:", ToolRun.Of("hardware", "show", "bismo-edge").Succeeded(), StringComparison.Ordinal);
        Assert.Equal("bismo-edge", ToolRun.Of("hardware", "show", "bismo-edge", "--json").Json().GetProperty("name").GetString());
        Assert.StartsWith("$schema", ToolRun.Of("hardware", "schema").Json().EnumerateObject().First().Name, StringComparison.Ordinal);

        // A target's own file, written out, is the same target.
        string copy = Path.Combine(fixture.NewFolder("hardware"), "copy.yaml");
        File.WriteAllText(copy, ToolRun.Of("hardware", "show", "bismo-edge", "--yaml").Succeeded());
        Assert.Equal("bismo-edge", ToolRun.Of("hardware", "show", copy, "--json").Json().GetProperty("name").GetString());

        ToolRun.Of("hardware", "show", "abacus").Failed(ExitCode.Usage, "HAQ0201");
    }

    [Fact]
    public void Init_writes_a_manifest_that_builds_and_overwrites_none()
    {
        string folder = fixture.NewFolder("init"), manifest = Path.Combine(folder, "haq.yaml");
        File.Delete(manifest);

        string text = ToolRun.Of("init", Path.Combine(folder, "tiny.onnx")).Succeeded();

        Assert.Contains("3 layers of tiny.onnx for bismo-edge", text, StringComparison.Ordinal);
        Assert.Contains("haq quantize", text, StringComparison.Ordinal);
        Assert.Contains("model: tiny.onnx", File.ReadAllText(manifest), StringComparison.Ordinal);
        Assert.Equal(ToolRun.Of("schema").Succeeded(), File.ReadAllText(Path.Combine(folder, "haq.schema.json")));

        File.WriteAllText(manifest, "mine");
        ToolRun.Of("init", Path.Combine(folder, "tiny.onnx")).Failed(ExitCode.Usage, "HAQ0009");
        Assert.Equal("mine", File.ReadAllText(manifest));
    }

    [Fact]
    public void Schema_is_json_and_takes_nothing()
    {
        var schema = ToolRun.Of("schema").Json();
        Assert.True(schema.GetProperty("properties").TryGetProperty("budget", out _));
        ToolRun.Of("schema", "haq.yaml").Misused("schema", "haq.yaml");
    }
}
