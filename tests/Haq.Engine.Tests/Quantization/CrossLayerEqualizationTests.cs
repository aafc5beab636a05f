using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Quantization;

public sealed class CrossLayerEqualizationTests
{
    private static readonly SeededRandom s_random = new(31);

    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("Clip")]
    [InlineData("PRelu")]
    [InlineData("none")]
    public void The_network_stays_the_same_and_ranges_meet(string activation)
    {
        // Convolution, depthwise convolution, pointwise convolution, pooling, fully connected: channels of very different size.
        var model = Network(activation);
        float[] x = Values("x", 2 * 3 * 8 * 8, 1), before = Run(model, x);
        var equalized = CrossLayerEqualization.Apply(model);
        Assert.Equal(["first", "depthwise"], equalized);
        float[] after = Run(model, x);
        float scale = before.Max(Math.Abs);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 2e-5f * scale);

        // Nagel et al., eq. 9: r1 = r2 for every common channel, here between the depthwise convolution and its neighbours.
        var view = new GraphView(model);
        float[] first = Weight(view, "first"), depthwise = Weight(view, "depthwise"), second = Weight(view, "second");
        for (int c = 0; c < 6; c++)
        {
            double one = Greatest(first, i => i / 27 == c), two = Greatest(depthwise, i => i / 9 == c), three = Greatest(second, i => i % 6 == c);
            Assert.Equal(1, one / two, 0.02);
            Assert.Equal(1, two / three, 0.02);
        }
    }

    [Fact]
    public void A_clip_keeps_its_bound_in_every_channel()
    {
        var model = Network("Clip");
        CrossLayerEqualization.Apply(model);
        Assert.DoesNotContain(model.Graph.Node, n => n.Is(OpNames.Clip));
        Assert.Equal(2, model.Graph.Node.Count(n => n.Is(OpNames.Min)));
        // Great inputs reach the bounds: the capped network must still be the same.
        var original = Network("Clip");
        float[] x = Values("great", 2 * 3 * 8 * 8, 40), before = Run(original, x), after = Run(model, x);
        float scale = before.Max(Math.Abs);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 2e-5f * scale);
    }

    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("output")]
    [InlineData("fork")]
    public void What_cannot_be_rescaled_exactly_is_left_alone(string why)
    {
        var model = Network(why == "Sigmoid" ? "Sigmoid" : "Relu");
        if (why == "output")
            foreach (string tensor in new[] { "first_a", "depthwise_a" }) model.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        if (why == "fork")
        {
            model.Graph.Node.Add(OnnxNode.Of("ReduceSum", ["first_a"], ["sum1"], "s1"));
            model.Graph.Node.Add(OnnxNode.Of("ReduceSum", ["depthwise_a"], ["sum2"], "s2"));
        }
        byte[] before = model.ToBytes();
        Assert.Empty(CrossLayerEqualization.Apply(model));
        Assert.Equal(before, model.ToBytes());
    }

    private static OnnxModel Network(string activation)
    {
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(Typed("x", 0, 3, 8, 8));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        Layer(graph, "first", "x", OnnxNode.Of(OpNames.Conv, ["x", "first_w", "first_b"], ["first"], "first").With("pads", [1, 1, 1, 1]), [6, 3, 3, 3], 27, activation);
        Layer(graph, "depthwise", "first_a", OnnxNode.Of(OpNames.Conv, ["first_a", "depthwise_w", "depthwise_b"], ["depthwise"],
            "depthwise").With("pads", [1, 1, 1, 1]).With("group", 6), [6, 1, 3, 3], 9, activation);
        Layer(graph, "second", "depthwise_a", OnnxNode.Of(OpNames.Conv, ["depthwise_a", "second_w", "second_b"], ["second"], "second"), [5, 6, 1, 1], 6, "Sigmoid");
        graph.Node.Add(OnnxNode.Of(OpNames.GlobalAveragePool, ["second_a"], ["y"], "pool"));
        return new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m");
    }

    private static void Layer(GraphProto graph, string name, string input, NodeProto node, long[] shape, int perChannel, string activation)
    {
        Assert.Equal(input, node.Input[0]);
        float[] weights = Values(name, (int)shape.Aggregate(1L, (a, b) => a * b), 1);
        for (int i = 0; i < weights.Length; i++) weights[i] *= MathF.Pow(7, i / perChannel % 3 - 1);
        graph.Initializer.Add(TensorData.Of($"{name}_w", shape, weights));
        graph.Initializer.Add(TensorData.Of($"{name}_b", [shape[0]], Values($"{name}_b", (int)shape[0], 0.5)));
        graph.Node.Add(node);
        switch (activation)
        {
            case "none":
                graph.Node.Add(OnnxNode.Of(OpNames.Identity, [name], [$"{name}_a"], $"{name}_act"));
                break;
            case "Clip":
                graph.Initializer.Add(TensorData.Scalar($"{name}_low", 0f));
                graph.Initializer.Add(TensorData.Scalar($"{name}_high", 6f));
                graph.Node.Add(OnnxNode.Of(OpNames.Clip, [name, $"{name}_low", $"{name}_high"], [$"{name}_a"], $"{name}_act"));
                break;
            case "PRelu":
                graph.Initializer.Add(TensorData.Of($"{name}_slope", [shape[0], 1, 1], Values($"{name}_slope", (int)shape[0], 0.5)));
                graph.Node.Add(OnnxNode.Of(OpNames.PRelu, [name, $"{name}_slope"], [$"{name}_a"], $"{name}_act"));
                break;
            default:
                graph.Node.Add(OnnxNode.Of(activation, [name], [$"{name}_a"], $"{name}_act"));
                break;
        }
    }

    private static float[] Weight(GraphView view, string layer) => view.Floats(view.Order.Single(n => n.Name == layer).Input[1])!;

    private static double Greatest(float[] weights, Func<int, bool> of) => weights.Where((_, i) => of(i)).Max(w => Math.Abs(w));

    private static float[] Values(string name, int count, double scale)
    {
        var random = s_random.Fork(name);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(scale * random.NextNormal()))];
    }

    private static float[] Run(OnnxModel model, float[] x)
    {
        using var session = new OrtSession(model, new SessionSettings { Threads = 1 });
        using var input = OrtTensor.Of<float>(x, 2, 3, 8, 8);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, ["y"])[0];
        return y.ToFloats();
    }

    private static ValueInfoProto Typed(string name, params long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        foreach (long extent in shape) tensor.Shape.Dim.Add(extent == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
