using System.Text;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Placing;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Profiles as ONNX Runtime writes them, whole and with holes.</summary>
public sealed class ProfileReadingTests
{
    [Fact]
    public void A_node_takes_the_lower_quartile_of_its_runs_without_those_that_warm_up()
    {
        var profile = Read(warmUp: 1, runs: 4, ("conv", [900, 40, 10, 30, 20]), ("relu", [90, 4, 4, 4, 4]));
        Assert.Equal([("conv", 20e-6), ("relu", 4e-6)], profile.Nodes.Select(n => (n.Name, Math.Round(n.Seconds, 9))));
        Assert.Empty(profile.Missing);
        Assert.Null(RegionVerdicts.Incomplete(profile, "net.onnx"));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 90 })]
    public void A_node_that_the_profile_says_nothing_of_is_named_and_the_rest_counts(int[] relu)
    {
        var profile = Read(warmUp: 1, runs: 4, ("conv", [900, 40, 10, 30, 20]), ("relu", relu));
        Assert.Equal("conv", Assert.Single(profile.Nodes).Name);
        Assert.Equal("Relu 'relu'", Assert.Single(profile.Missing));
        var warning = RegionVerdicts.Incomplete(profile, "net.onnx")!;
        Assert.Equal(("HAQ1501", "net.onnx"), (warning.Descriptor.Code, warning.Location!.Value.File));
        Assert.Contains("says nothing of Relu 'relu'", warning.Message, StringComparison.Ordinal);
    }

    private static NodeProfile Read(int warmUp, int runs, params (string Node, int[] Microseconds)[] events)
    {
        var graph = new GraphProto();
        graph.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["c"], "conv"));
        graph.Node.Add(OnnxNode.Of(OpNames.Relu, ["c"], ["y"], "relu"));
        var lines = events.SelectMany(e => e.Microseconds.Select(t => $$"""{"cat":"Node","name":"{{e.Node}}_kernel_time","dur":{{t}},"ts":1,"ph":"X"}"""));
        string text = $"[{string.Join(",\n", lines.Append("""{"cat":"Session","name":"model_run","dur":7,"ts":1,"ph":"X"}"""))}]";
        return ProfileReading.Of(new MemoryStream(Encoding.UTF8.GetBytes(text)), graph, warmUp, runs);
    }
}
