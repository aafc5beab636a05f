using System.Runtime.InteropServices;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Tests.Quantization.Tensors;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>From a manifest to a file of mixed widths on hardware that keeps integers alone.</summary>
public sealed class TensorWidthPipelineTests : IDisposable
{
    private const string Hardware = """
        name: npu
        kind: systolic
        clock_mhz: 1000
        tensors: integer
        dataflow: os
        rows: 8
        cols: 8
        bits: {weights: [8], activations: [8, 16]}
        sram: {weights: 65536, inputs: 65536, outputs: 65536}
        dram_bits_per_cycle: 32
        provenance: test
        """;

    private readonly TemporaryFolder _folder = new();

    public TensorWidthPipelineTests()
    {
        AttentionNetwork.Model().Save(_folder["attention.onnx"]);
        File.WriteAllText(_folder["npu.yaml"], Hardware);
        File.WriteAllBytes(_folder["x.bin"], MemoryMarshal.AsBytes(AttentionNetwork.Samples(96, 31).AsSpan()).ToArray());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_looser_limit_never_asks_for_more_wide_tensors_and_the_file_holds_what_the_policy_says()
    {
        double last = 1;
        HashSet<string>? tighter = null;
        foreach (string drop in (string[])["0.02 %", "0.2 %", "0.7 %", "2 %"])
        {
            var result = Run($"objective: latency\nbudget: {{accuracy-drop: {drop}}}\nmetric: cosine\nbits: {{weights: 8, activations: [8, 16]}}\nsearch: {{samples: 32}}\n");
            var counted = ExportedWidths.Of(_folder["attention.haq.onnx"]);
            double wide = 0, all = 0;
            foreach (var tensor in result.Report.Layers.Where(l => l.IsTensor))
            {
                int width = counted.Quantized.TryGetValue(tensor.Name, out int own) ? own : counted.Quantized[$"{tensor.Name}_quantization.real"];
                Assert.Equal((tensor.Name, tensor.Chosen.Activations), (tensor.Name, width));
                long elements = long.Parse(tensor.Shape.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                (wide, all) = (wide + (width > 8 ? elements : 0), all + elements);
            }
            Assert.InRange(wide / all, 0, last);
            last = wide / all;
            HashSet<string> names = [.. result.Report.Layers.Where(l => l.Chosen.Activations > 8).Select(l => l.Name)];
            if (tighter is not null) Assert.Subset(tighter, names);
            tighter = names;
            var beside = result.Report.Baselines.Single(b => b.Activations is not null);
            Assert.Equal(("uniform w8a16", 8, 16, 1.0), (beside.Name, beside.Bits, beside.Activations, beside.WideShare));
            Assert.True(beside.Cost.LatencyMs > result.Report.Cost.LatencyMs);
            Assert.Equal(drop != "0.7 %" && drop != "2 %" && result.Report.Delivered!.Cosine < beside.Quantized!.Cosine - 0.001, result.Warnings.Any(w => w.Descriptor.Code == "HAQ1431"));
        }
        Assert.InRange(last, 0, 0.2);
    }

    [Fact]
    public void The_search_is_at_least_as_cheap_as_promotion_by_sensitivity_alone()
    {
        const string rest = "objective: latency\nbudget: {accuracy-drop: 0.1 %}\nmetric: cosine\nbits: {weights: 8, activations: [8, 16]}\n";
        var greedy = Run(rest + "search: {samples: 32, strategy: greedy}\n").Report;
        var searched = Run(rest + "search: {samples: 32}\n").Report;
        Assert.Equal("greedy", greedy.Search!.Strategy);
        // Fewer wide tensors are worth up to a twentieth of the cost.
        Assert.InRange(searched.Cost.LatencyMs, 0, 1.05 * greedy.Cost.LatencyMs);
    }

    [Fact]
    public void Entries_name_tensors_as_they_name_layers()
    {
        var report = Run("bits: {weights: 8, activations: 8}\nlayers: {\"stream*\": {activations: 16}, shares: skip}\n").Report;
        Assert.Equal(16, report.Layers.Single(l => l.Name == "stream").Chosen.Activations);
        Assert.Equal(32, report.Layers.Single(l => l.Name == "shares").Chosen.Activations);
        Assert.Equal(8, report.Layers.Single(l => l.Name == "mask").Chosen.Activations);
        var error = Assert.Throws<HaqException>(() => Run("bits: 8\nlayers: {strem: {activations: 16}}\n"));
        Assert.Contains("did you mean 'stream'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_of_mixed_widths_is_trained_further_and_the_file_keeps_its_widths()
    {
        const string policy = "bits: {weights: 3, activations: 8}\nlayers: {\"stream*\": {activations: 16}, shares: skip, out.MatMul: {weights: 2}}\nmetric: sqnr\n";
        var before = Run(policy).Report;
        var tuned = Run(policy + "finetune: {epochs: 3, batch: 16, learning-rate: 2e-3, loss: mse}\n").Report;
        Assert.NotNull(tuned.Finetuned);
        Assert.True(tuned.Finetuned.Loss < before.Quantized!.Loss, $"{before.Quantized.Loss} -> {tuned.Finetuned.Loss}");
        var counted = ExportedWidths.Of(_folder["attention.haq.onnx"]);
        Assert.Equal((16, 8, 8), (counted.Quantized["stream"], counted.Quantized["masked"], counted.Quantized["query"]));
        Assert.DoesNotContain("shares", counted.Quantized.Keys);
    }

    private PipelineResult Run(string rest)
    {
        File.WriteAllText(_folder["haq.yaml"], $"model: attention.onnx\nhardware: ./npu.yaml\ndata: {{evaluation: {{path: x.bin, format: raw, dtype: float32, shape: [8, 16]}}}}\n{rest}");
        return ManifestBuild.Run(new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder["cache"])), null, CancellationToken.None);
    }
}
