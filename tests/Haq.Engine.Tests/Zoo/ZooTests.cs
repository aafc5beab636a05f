using Haq.Engine.Tests.Onnx;

namespace Haq.Engine.Tests.Zoo;

/// <summary>Graphs from many exporters: each is quantized at 8 bit and stays close to its float outputs, or is refused with one line.</summary>
public sealed class ZooTests(ITestOutputHelper output)
{
    public static TheoryData<string> Graphs => [.. RealModels.Models, .. RealModels.QuickZoo];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_graph_is_quantized_close_to_float_or_refused_in_one_line(string file)
    {
        var outcome = ZooTrial.Run(Shared.File(file), RealModels.ShapesFor(file));
        output.WriteLine($"{outcome}");
        if (outcome.Refusal is { } line)
        {
            Assert.DoesNotContain('\n', line);
            Assert.Matches("HAQ03(08|10|11|12)", line);
            return;
        }
        Assert.True(outcome.Layers > 0);
        Assert.True(outcome.Cosine >= 0.99, $"cosine {outcome.Cosine} on {outcome.Worst}");
    }
}
