using Haq.Engine.Diagnostics;

namespace Haq.Build.Tests.Commands;

/// <summary><c>haq search</c>, <c>compare</c> and <c>evaluate</c>: what chooses and measures, and builds nothing.</summary>
[Collection(CommandCollection.Name)]
public sealed class ExploringCommandTests(CommandFixture fixture)
{
    [Fact]
    public void Search_prints_and_saves_a_policy_within_the_budget()
    {
        string folder = fixture.NewFolder("search"), policy = Path.Combine(folder, "found.policy.json"), page = Path.Combine(folder, "curve.html");

        string text = ToolRun.Of("search", folder, "--output", policy, "--explain").Succeeded();
        Assert.StartsWith("bismo-edge: knapsack measured ", text, StringComparison.Ordinal);
        Assert.Contains("how much each choice hurts by itself", text, StringComparison.Ordinal);
        Assert.Equal(["found.policy.json"], Directory.GetFiles(folder, "found*").Select(Path.GetFileName));
        ToolRun.Of("simulate", Path.Combine(folder, "tiny.onnx"), "--hardware", "bismo-edge", "--policy", policy).Succeeded();

        var found = Assert.Single(ToolRun.Of("search", folder, "--pareto", "--picture", page, "--json").Json().EnumerateArray());
        Assert.Equal(2, found.GetProperty("version").GetInt32());
        Assert.InRange(found.GetProperty("effectiveBits").GetDouble(), 4, 8);
        Assert.Equal("knapsack", found.GetProperty("strategy").GetString());
        Assert.All(found.GetProperty("layers").EnumerateArray(), l => Assert.Contains(l.GetProperty("weights").GetInt32(), new[] { 4, 8 }));
        Assert.True(found.GetProperty("front").GetArrayLength() > 1);
        Assert.Contains("<svg", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Search_refuses_what_cannot_be_met_or_written()
    {
        string folder = fixture.NewFolder("search-bad", CommandFixture.Manifest.Replace("0.95x", "0.01x", StringComparison.Ordinal));
        ToolRun.Of("search", folder).Failed(ExitCode.Usage, "HAQ0203");
        ToolRun.Of("search", fixture.Built, "--sensitivity", "feeling").Misused("search", "feeling");
        ToolRun.Of("search", fixture.Built, "--output", Path.Combine(folder, "haq.yaml", "x.json")).Failed(ExitCode.Machine, "HAQ0801");
        ToolRun.Of("search", Path.Combine(folder, "other.yaml")).Failed(ExitCode.Usage, "HAQ0006");
    }

    [Fact]
    public void Search_for_several_targets_names_each()
    {
        string folder = fixture.NewFolder("search-two");
        var found = ToolRun.Of("search", folder, "--hardware", "bismo-edge,bismo-cloud", "--output", Path.Combine(folder, "p.json"), "--json").Json();
        Assert.Equal(["bismo-edge", "bismo-cloud"], found.EnumerateArray().Select(f => f.GetProperty("hardware").GetString()));
        Assert.True(File.Exists(Path.Combine(folder, "p.bismo-edge.json")) && File.Exists(Path.Combine(folder, "p.bismo-cloud.json")));
    }

    [Fact]
    public void Search_says_which_tensors_need_16_bits()
    {
        string folder = fixture.NewFolder("search-wide", CommandFixture.Manifest
            .Replace("bismo-edge", "npu.yaml", StringComparison.Ordinal)
            .Replace("bits: {weights: [4, 8], activations: 8}", "bits: {weights: 8, activations: [8, 16]}", StringComparison.Ordinal)
            .Replace("0.95x", "1.1x", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "npu.yaml"), """
            kind: systolic
            clock_mhz: 1000
            tensors: integer
            dataflow: os
            rows: 8
            cols: 8
            bits: {pairs: [w8a8, w8a16]}
            sram: {weights: 65536, inputs: 65536, outputs: 65536}
            dram_bits_per_cycle: 8
            provenance: test

            """);
        var found = Assert.Single(ToolRun.Of("search", folder, "--json").Json().EnumerateArray());
        var tensors = found.GetProperty("tensors").EnumerateArray().ToArray();
        Assert.NotEmpty(tensors);
        Assert.All(tensors, t => Assert.True(t.GetProperty("elements").GetInt64() > 0 && t.GetProperty("bits").GetInt32() is 8 or 16));
        Assert.Contains(tensors, t => t.GetProperty("wideCostsSeconds").GetDouble() > 0);
        double all = tensors.Sum(t => t.GetProperty("elements").GetInt64()), wide = tensors.Where(t => t.GetProperty("bits").GetInt32() == 16).Sum(t => t.GetProperty("elements").GetInt64());
        Assert.Equal(found.GetProperty("wideShare").GetDouble(), wide / all, 1e-9);
        var uniform = found.GetProperty("uniformW8A16");
        Assert.Equal(1, uniform.GetProperty("wideShare").GetDouble());
        Assert.True(uniform.GetProperty("searched").GetProperty("loss").GetDouble() >= 0);
        string text = ToolRun.Of("search", folder, "--explain").Succeeded();
        Assert.Contains($"{tensors.Length} tensors with a choice", text, StringComparison.Ordinal);
        Assert.Contains("uniform w8a16", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_puts_every_strategy_side_by_side()
    {
        var policies = ToolRun.Of("compare", fixture.Built, "--episodes", "2", "--json").Json().GetProperty("policies");
        string[] names = [.. policies.EnumerateArray().Select(p => p.GetProperty("name").GetString()!)];
        Assert.Contains("knapsack", names);
        Assert.True(names.Length >= 4, string.Join(", ", names));
        string table = ToolRun.Of("compare", fixture.Built, "--episodes", "2").Succeeded();
        Assert.All(names, name => Assert.Contains(name, table, StringComparison.Ordinal));

        ToolRun.Of("compare", fixture.Built, "--hardware", "abacus").Failed(ExitCode.Usage, "HAQ0201");
    }

    [Fact]
    public void Evaluate_measures_a_policy_and_says_its_cost()
    {
        Assert.Contains("of uniform 8 bit", ToolRun.Of("evaluate", fixture.Built).Succeeded(), StringComparison.Ordinal);

        var json = ToolRun.Of("evaluate", fixture.Built, "--bits", "8", "--json").Json();
        Assert.Equal(1, json.GetProperty("latencyVs8Bit").GetDouble());
        Assert.InRange(json.GetProperty("quantized").GetProperty("agreement").GetDouble(), 50, 100);
        Assert.Equal(100, json.GetProperty("float").GetProperty("agreement").GetDouble());

        var steps = ToolRun.Of("evaluate", fixture.Built, "--policy", fixture.Policy, "--steps", "--json").Json().GetProperty("steps");
        Assert.True(steps.GetArrayLength() > 4);

        ToolRun.Of("evaluate", fixture.Built, "--bits", "99").Failed(ExitCode.Usage, "HAQ0211");
        ToolRun.Of("evaluate", fixture.NewFolder("evaluate")).Failed(ExitCode.CheckFailed, "HAQ0804");
    }
}
