using Haq.Engine.Tests.Onnx;

namespace Haq.Engine.Tests.Zoo;

/// <summary>Graphs from many exporters: each is quantized at 8 bit and stays close to its float outputs, or is refused with one line.</summary>
public sealed class ZooTests(ITestOutputHelper output)
{
    // A detector's output of scores near zero, exp(-8) and less, where an error of a logit is a factor. Calibrated on four samples of made-up images; it may not get worse.
    private static readonly Dictionary<string, double> s_fragile = new(StringComparer.Ordinal) { ["zoo/torch17_yunet_s_dynamic.onnx"] = 0.98 };

    // Ten seconds each: eng/try-graphs runs them.
    private static readonly string[] s_slow = ["zoo/keras2onnx_tfbert_qa_graph.onnx", "models/mobilenet_v2_1.0_224_tf2ptq_dequantized.onnx", "zoo/caffe2_light_resnet50.onnx"];

    public static TheoryData<string> Graphs => [.. RealModels.Models, .. RealModels.QuickZoo];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_graph_is_quantized_close_to_float_or_refused_in_one_line(string file)
    {
        if (s_slow.Contains(file) && Environment.GetEnvironmentVariable("HAQ_GRAPHS") is null) Assert.Skip("slow: eng/try-graphs runs it");
        var outcome = ZooTrial.Run(Shared.File(file), RealModels.ShapesFor(file));
        output.WriteLine($"{outcome}");
        if (outcome.Refusal is { } line)
        {
            Assert.DoesNotContain('\n', line);
            Assert.Matches("HAQ03(08|10|11|12)", line);
            return;
        }
        Assert.True(outcome.Layers > 0);
        Assert.True(outcome.Cosine >= s_fragile.GetValueOrDefault(file, 0.99), $"cosine {outcome.Cosine} on {outcome.Worst}");
    }
}
