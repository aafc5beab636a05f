using Haq.Engine.Autodiff;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Haq.Engine.Runtime.Kernels;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Runtime.Kernels;

public sealed class CustomOperatorTests
{
    [Fact]
    public void Every_operator_that_graphs_use_has_a_kernel_and_every_kernel_a_use()
    {
        var g = Everything();
        var used = g.Nodes.Where(n => n.Domain == GraphBuilder.CustomDomain).Select(n => n.OpType).Distinct().Order(StringComparer.Ordinal).ToArray();
        // Convolutions in integers take other operators' places once a graph is optimized: no graph is built with them.
        Assert.Equal(CustomOperators.Names.Where(n => n != IntegerConvKernel.Name).Order(StringComparer.Ordinal), used);

        // Every output of every one of them has the shape that the builder declared.
        foreach (var output in g.Nodes.Where(n => n.Domain == GraphBuilder.CustomDomain).SelectMany(n => n.Output).ToArray()) g.Output(g[output]);
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "all"), new SessionSettings { Configure = CustomOperators.Register });
        var random = new SeededRandom(1);
        var feeds = g.Inputs.ToDictionary(i => i.Name, i => OrtTensor.Zeros(i.Type, [.. i.Shape.Select(d => (long)d)]));
        foreach (var feed in feeds.Values) foreach (ref float v in feed.Values<float>()) v = (float)(0.5 + random.NextDouble());
        string[] outputs = [.. g.Outputs.Select(o => o.Name)];
        foreach (var (name, tensor) in outputs.Zip(session.Run(feeds, outputs)))
        {
            using (tensor) Assert.Equal(g[name].Shape.Select(d => (long)d), tensor.Shape);
        }
        foreach (var feed in feeds.Values) feed.Dispose();
    }

    [Fact]
    public void A_training_step_allocates_nothing()
    {
        var g = Everything();
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "all"), new SessionSettings { Threads = 1, Configure = CustomOperators.Register });
        using var binding = session.Bind();
        var buffers = new List<OrtTensor>();
        foreach (var value in g.Inputs.Concat(g.Outputs))
        {
            var buffer = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
            buffer.Values<float>().Fill(0.5f);
            if (g.Inputs.Contains(value)) binding.Input(value.Name, buffer);
            else binding.Output(value.Name, buffer);
            buffers.Add(buffer);
        }
        for (int i = 0; i < 3; i++) binding.Run();
        // On one thread all kernels run on this one.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++) binding.Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        foreach (var buffer in buffers) buffer.Dispose();
    }

    [Fact]
    public void Results_are_the_same_bits_from_run_to_run_on_two_threads()
    {
        var g = Everything();
        foreach (var output in g.Nodes.Where(n => n.Domain == GraphBuilder.CustomDomain && n.OpType != "OptimizerStep").SelectMany(n => n.Output).ToArray()) g.Output(g[output]);
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "all"), new SessionSettings { Threads = 2, Configure = CustomOperators.Register });
        var results = new List<byte[]>();
        for (int run = 0; run < 4; run++)
        {
            var random = new SeededRandom(1);
            var feeds = g.Inputs.ToDictionary(i => i.Name, i => OrtTensor.Zeros(i.Type, [.. i.Shape.Select(d => (long)d)]));
            foreach (var feed in feeds.Values) foreach (ref float v in feed.Values<float>()) v = (float)(0.5 + random.NextDouble());
            var bytes = new List<byte>();
            foreach (var tensor in session.Run(feeds, [.. g.Outputs.Select(o => o.Name)]))
            {
                bytes.AddRange(tensor.Bytes);
                tensor.Dispose();
            }
            foreach (var feed in feeds.Values) feed.Dispose();
            results.Add([.. bytes]);
        }
        foreach (byte[] other in results.Skip(1)) Assert.Equal(results[0], other);
    }

    [Fact]
    public void An_exception_in_a_kernel_is_an_error_and_not_the_end_of_the_process()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", DataType.Float, 1, 3, 4, 4);
        var w = g.Input("w", DataType.Float, 2, 1, 3, 3);
        g.Output(g.Custom("DepthwiseConv", [x, w], [[1, 3, 2, 2]], Attributes.Of("strides", 1, 1), Attributes.Of("pads", 0, 0, 0, 0))[0], "y");
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "broken"), new SessionSettings { Configure = CustomOperators.Register });
        using var a = OrtTensor.Zeros(DataType.Float, 1, 3, 4, 4);
        using var b = OrtTensor.Zeros(DataType.Float, 2, 1, 3, 3);
        var error = Assert.Throws<HaqException>(() => session.Run(new Dictionary<string, OrtTensor> { ["x"] = a, ["w"] = b }));
        Assert.Contains("needs [N,C,H,W] and [C,1,kh,kw]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_without_its_attributes_is_refused_when_the_session_is_made()
    {
        var g = new GraphBuilder();
        g.Output(g.Custom("BoundedGradient", [g.Input("dy", DataType.Float, 3), g.Input("y", DataType.Float, 3)], [[3]])[0], "dx");
        Assert.Throws<HaqException>(() => new OrtSession(new OnnxModel(g.ToModel(), "broken"), new SessionSettings { Configure = CustomOperators.Register }));
    }

    [Theory]
    [InlineData(0.037f, 0, 0, 15)]
    [InlineData(0.11f, 5, 0, 15)]
    [InlineData(0.9f, 0, -3, 3)]
    public void The_fake_quantizer_rounds_number_for_number_as_the_exported_one(float scale, int zeroPoint, int low, int high)
    {
        var quantizer = new Quantizer(scale, zeroPoint, new IntegerRange(low, high));
        var g = new GraphBuilder();
        var x = g.Input("x", DataType.Float, 5000);
        var step = g.Tensor([scale], 1);
        g.Output(FakeQuantizeOperator.Append(g, x, step, g.Tensor([low - zeroPoint, high - zeroPoint, 0, 1], 4), -1, false), "y");
        using var session = new OrtSession(new OnnxModel(g.ToModel(), "quantizer"), new SessionSettings { Configure = CustomOperators.Register });
        using var feed = OrtTensor.Zeros(DataType.Float, 5000);
        var random = new SeededRandom(2);
        // Among them exact halves of a step, where the direction of rounding shows.
        for (int i = 0; i < 5000; i++) feed.Values<float>()[i] = i % 3 == 0 ? (i % 40 - 20 + 0.5f) * scale : (float)(4 * scale * random.NextNormal());
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = feed })[0];
        for (int i = 0; i < 5000; i++) Assert.Equal(quantizer.Round(feed.Values<float>()[i]), y.Values<float>()[i]);
    }

    // A network with all that the rules, the loss and the optimizer write in the engine's own operators.
    private static GraphBuilder Everything()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", DataType.Float, 4, 3, 8, 8);
        string[] names = ["dense", "second", "depthwise", "scale", "bias", "step"];
        var dense = g.Input("dense", DataType.Float, 6, 3, 3, 3);
        var second = g.Input("second", DataType.Float, 6, 6, 3, 3);
        var depthwise = g.Input("depthwise", DataType.Float, 6, 1, 3, 3);
        var (scale, bias, step) = (g.Input("scale", DataType.Float, 6), g.Input("bias", DataType.Float, 6), g.Input("step", DataType.Float, 1));
        var zeros = g.Tensor(new float[6], 6);
        var y = g.Node("Conv", [x, dense], [4, 6, 8, 8], Attributes.Of("pads", 1, 1, 1, 1));
        y = g.Unary("Relu", g.Node("Conv", [y, second], [4, 6, 8, 8], Attributes.Of("pads", 1, 1, 1, 1)));
        y = FakeQuantizeOperator.Append(g, y, step, g.Tensor([-7f, 7, 0, 1], 4), -1, false);
        y = g.Node("Conv", [y, depthwise], [4, 6, 8, 8], Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("group", 6L));
        y = g.Many("BatchNormalization", [y, scale, bias, zeros, zeros], [(DataType.Float, [4, 6, 8, 8]), (DataType.Float, [6]), (DataType.Float, [6])],
            Attributes.Of("training_mode", 1L), Attributes.Of("momentum", 0f))[0];
        y = g.Node("MaxPool", [g.Unary("Relu", y)], [4, 6, 4, 4], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2));
        y = y + g.Node("GlobalAveragePool", [y], [4, 6, 1, 1]);
        var (loss, seed) = Losses.Divergence(g, g.Reshape(y, 4, 96), KernelSet.Custom);
        g.Output(loss, "loss");
        var logits = g[g.Nodes.Last(n => n.OpType == "SoftmaxDivergence").Input[0]];
        var gradients = Backward.Append(g, [(logits, seed)], [.. names.Select(n => g[n])], KernelSet.Custom);
        TrainedParameter[] parameters = [.. names.Select(n => new TrainedParameter(n, [.. g[n].Shape], [], 1, false, float.NegativeInfinity))];
        OptimizerNodes.Append(g, OptimizerKind.Adam, KernelSet.Custom, parameters, [.. names.Select(n => gradients.Of(g[n])!)]);
        KernelSelection.Apply(g, KernelSet.Custom);
        return g;
    }
}
