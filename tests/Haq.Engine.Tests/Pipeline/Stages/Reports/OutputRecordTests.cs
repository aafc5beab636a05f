using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Pipeline.Stages.Reports;

public sealed class OutputRecordTests
{
    private const int Samples = 12;

    // Sample i is i + 1, twice; the exported model cuts off at 10, so that the last two samples are off by 1 and 2 of 11 and 12.
    private static ArrayDataset Data() => new("x", [2], [.. Enumerable.Range(0, Samples * 2).Select(i => i / 2 + 1f)]);

    [Fact]
    public void The_samples_that_came_out_worst_are_the_least_of_the_noise_of_all()
    {
        using var data = Data();
        var records = OutputRecord.SideBySide([Network(OpNames.Identity), Network(OpNames.Min)], PlainSession.Settings, data, [.. Enumerable.Range(0, Samples)], CancellationToken.None);
        var (original, cut) = (records[0], records[1]);
        int[] worst = original.WorstSamples(cut, "y", 2);
        Assert.Equal([11, 10], worst);
        using var again = Data();
        var some = OutputRecord.Of(Network(OpNames.Min), PlainSession.Settings, again, worst, CancellationToken.None);
        // (2² + 2²) / (12² + 12²)
        Assert.Equal(4.0 / 144, original.LeastNoiseOf(some, worst), 1e-9);
        Assert.Equal(original.NoiseOf(cut).Power, original.LeastNoiseOf(some, worst), 1e-12);
        Assert.Equal([.. Enumerable.Range(0, Samples).Select(s => Math.Min(s + 1f, 10f))], cut.ValuesOf("y")!.Select(v => v[0]));
        Assert.Null(cut.ValuesOf("z"));
    }

    [Fact]
    public void A_network_that_picks_by_value_has_no_worst_samples()
    {
        using var data = Data();
        var rounded = TinyModel.Of(
            17, ("x", [-1, 2]), [TensorData.Of("w", [2, 2], [0.5f, 0.25f, 0.25f, 0.5f])], [OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "layer"), OnnxNode.Of(OpNames.Round, ["h"], ["y"], "round")]);
        var record = OutputRecord.Of(rounded, PlainSession.Settings, data, Samples, CancellationToken.None);
        Assert.Empty(record.WorstSamples(record, "y", 2));
    }

    private static OnnxModel Network(string op) =>
        TinyModel.Of(17, ("x", [-1, 2]), [TensorData.Scalar("limit", 10f)], [OnnxNode.Of(op, op == OpNames.Min ? ["x", "limit"] : ["x"], ["y"], "n")]);
}
