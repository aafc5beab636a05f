namespace Haq.Build.Tests.Commands;

/// <summary>Every command knows 16 bits and floating point.</summary>
[Collection(CommandCollection.Name)]
public sealed class WideCommandTests(CommandFixture fixture)
{
    private const string Npu = """
        name: npu
        kind: systolic
        clock_mhz: 1000
        tensors: integer
        dataflow: os
        rows: 8
        cols: 8
        bits: {weights: [4, 8], activations: [8, 16]}
        sram: {weights: 65536, inputs: 65536, outputs: 65536}
        dram_bits_per_cycle: 8
        provenance: test

        """;

    [Fact]
    public void Inspect_simulate_and_evaluate_take_pairs_and_diff_tells_them_apart()
    {
        string narrow = Project("wide-narrow", "bits: 8"), wide = Project("wide-wide", "bits: {weights: 8, activations: 16}");
        foreach (string folder in (string[])[narrow, wide]) ToolRun.Of("quantize", folder).Succeeded();
        string model = Path.Combine(wide, "tiny.onnx"), npu = Path.Combine(wide, "npu.yaml");

        Assert.Contains("w8a16", ToolRun.Of("simulate", model, "--hardware", npu, "--bits", "8,w8a16").Succeeded(), StringComparison.Ordinal);
        var simulated = ToolRun.Of("simulate", model, "--hardware", npu, "--bits", "8,w8a16", "--json").Json().GetProperty("policies");
        double[] costs = [.. simulated.EnumerateArray().Select(p => p.GetProperty("allLayers").GetProperty("latencyMs").GetDouble())];
        Assert.True(costs[1] > costs[0], string.Join(' ', costs));
        ToolRun.Of("simulate", model, "--hardware", npu, "--bits", "w8a12").Failed(Haq.Engine.Diagnostics.ExitCode.Usage, "HAQ0211");

        Assert.Contains("gives back", ToolRun.Of("inspect", Path.Combine(wide, "haq.yaml"), "--bits", "w8a16", "--samples", "8").Succeeded(), StringComparison.Ordinal);
        Assert.True(ToolRun.Of("evaluate", wide, "--bits", "w8a16", "--json").Json().GetProperty("latencyVs8Bit").GetDouble() > 1);

        string[] reports = [.. ((string[])[narrow, wide]).Select(f => Path.Combine(f, "tiny.haq.report.json"))];
        string told = ToolRun.Of("diff", reports[0], reports[1]).Succeeded();
        Assert.True(told.Contains("16", StringComparison.Ordinal), told);
    }

    [Fact]
    public void Init_asks_which_tensors_need_16_bits_where_the_hardware_keeps_integers_alone()
    {
        string folder = Project("wide-init", "bits: 8");
        File.Delete(Path.Combine(folder, "haq.yaml"));
        ToolRun.Of("init", Path.Combine(folder, "tiny.onnx"), "--hardware", Path.Combine(folder, "npu.yaml")).Succeeded();
        string written = File.ReadAllText(Path.Combine(folder, "haq.yaml"));
        Assert.Contains("bits: {weights: 8, activations: [8, 16]}", written, StringComparison.Ordinal);
        Assert.Contains("accuracy-drop: 0.5 %", written, StringComparison.Ordinal);
    }

    private string Project(string name, string bits)
    {
        string folder = fixture.NewFolder(name, $"model: tiny.onnx\nhardware: ./npu.yaml\n{bits}\ndata:\n  evaluation: images.npy\n");
        File.WriteAllText(Path.Combine(folder, "npu.yaml"), Npu);
        return folder;
    }
}
