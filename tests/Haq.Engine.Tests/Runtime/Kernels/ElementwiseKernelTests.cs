using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>Elementwise kernels against their formulas in double precision, at whatever register width the process has.</summary>
public sealed class ElementwiseKernelTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Gradients_of_the_quantizer(bool perChannel, int clipping)
    {
        const int channels = 3, inner = 37 * 41;
        const float low = -3, high = 4;
        float[] x = Normal(1, 2 * channels * inner, 2), dy = Normal(2, x.Length, 1), steps = perChannel ? [0.31f, 0.5f, 0.77f] : [0.41f];
        var g = new GraphBuilder();
        var gradient = g.Custom("FakeQuantizeGradient",
            [g.Input("dy", DataType.Float, 2, channels, inner), g.Input("x", DataType.Float, 2, channels, inner), g.Input("s", DataType.Float, steps.Length), g.Tensor([low, high, 0, 0.25f], 4)],
            [[2, channels, inner], [steps.Length]], Attributes.Of("axis", 1L), Attributes.Of("clipping", (long)clipping));
        foreach (var output in gradient) g.Output(output);
        var results = Run(g, ("dy", dy), ("x", x), ("s", steps));
        double[] expected = new double[steps.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int channel = perChannel ? i / inner % channels : 0;
            float v = x[i] / steps[channel]; // in single precision, as what decides on which side of a rounding step it is
            bool inside = v >= low && v <= high;
            double q = Math.Clamp(Math.Round((double)v), low, high);
            Assert.Equal(inside ? dy[i] : 0, results[0][i]);
            expected[channel] += 0.25 * dy[i] * (inside ? clipping == 1 ? 0 : q - v : q);
        }
        for (int c = 0; c < steps.Length; c++) Assert.Equal(expected[c], results[1][c], Tolerance * inner);
    }

    [Fact]
    public void Gradient_of_a_clipping()
    {
        float[] y = Normal(1, 1003, 1), dy = Normal(2, y.Length, 1);
        (y[0], y[1]) = (0, 0.75f); // at the limits it is zero
        var g = new GraphBuilder();
        g.Output(g.Custom("BoundedGradient", [g.Input("dy", DataType.Float, y.Length), g.Input("y", DataType.Float, y.Length)], [[y.Length]],
            Attributes.Of("low", 0f), Attributes.Of("high", 0.75f))[0]);
        float[] dx = Run(g, ("dy", dy), ("y", y))[0];
        for (int i = 0; i < y.Length; i++) Assert.Equal(y[i] > 0 && y[i] < 0.75f ? dy[i] : 0, dx[i]);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(70, 4)]
    [InlineData(300, 35)]
    public void Gradient_of_the_mean_of_planes(int channels, int plane)
    {
        float[] dy = Normal(1, 2 * channels, 1);
        var g = new GraphBuilder();
        g.Output(g.Custom("GlobalPoolGradient", [g.Input("dy", DataType.Float, 2, channels, 1, 1)], [[2, channels, plane, 1]], Attributes.Of("shape", 2, channels, plane, 1))[0]);
        float[] dx = Run(g, ("dy", dy))[0];
        for (int i = 0; i < dx.Length; i++) Assert.Equal((double)dy[i / plane] / plane, dx[i], 1e-7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_optimizer(int moments)
    {
        float[] value = Normal(1, 143, 1), first = Normal(2, 143, 1), second = [.. Normal(3, 143, 1).Select(Math.Abs)], gradient = Normal(4, 143, 1);
        const float rate = 0.01f, beta1 = 0.9f, beta2 = 0.99f, epsilon = 1e-3f, decay = 0.1f, longest = 2;
        var g = new GraphBuilder();
        Value Input(string name) => g.Input(name, DataType.Float, 143);
        Value[] states = moments == 2 ? [Input("value"), Input("first"), Input("second")] : [Input("value"), Input("first")];
        g.Output(g.Custom("OptimizerStep", [g.Tensor([rate, beta1, beta2, epsilon, decay, longest], 6), g.Tensor([2, 1, -0.5f], 1, 3), .. states, Input("gradient")], [[1]],
            Attributes.Of("moments", (long)moments))[0]);
        using var session = Open(g);
        using var binding = session.Bind();
        var buffers = new Dictionary<string, OrtTensor>();
        foreach (var (name, values) in new[] { ("value", value), ("first", first), ("second", second), ("gradient", gradient) })
        {
            buffers[name] = OrtTensor.Of<float>(values, 143);
            if (g.Find(name) is not null) binding.Input(name, buffers[name]);
        }
        using var norm = OrtTensor.Zeros(DataType.Float, 1);
        binding.Output(g.Outputs[0].Name, norm).Run();
        double length = Math.Sqrt(gradient.Sum(d => (double)d * d));
        Assert.Equal(length, norm.Values<float>()[0], 1e-4);
        for (int i = 0; i < 143; i++)
        {
            double d = gradient[i] * (longest / length), m, next;
            if (moments == 2)
            {
                m = beta1 * first[i] + (1 - beta1) * d;
                double v = beta2 * second[i] + (1 - beta2) * d * d;
                Assert.Equal(v, buffers["second"].Values<float>()[i], Tolerance);
                next = value[i] - 2 * rate * (m / (Math.Sqrt(v) + epsilon) + decay * value[i]);
            }
            else
            {
                m = beta1 * first[i] + d + decay * value[i];
                next = value[i] - 2 * rate * m;
            }
            Assert.Equal(m, buffers["first"].Values<float>()[i], Tolerance);
            Assert.Equal(Math.Max(next, -0.5), buffers["value"].Values<float>()[i], Tolerance);
        }
        foreach (var buffer in buffers.Values) buffer.Dispose();
    }

    [Fact]
    public void The_optimizer_reaches_every_number_of_every_parameter()
    {
        // Less than a block, exactly one, several, one number: blocks are dealt out over parameters.
        int[] sizes = [1, 4096, 70_001, 3, 4097, 20_000];
        var g = new GraphBuilder();
        Value[] Inputs(string name) => [.. sizes.Select((size, i) => g.Input(name + i, DataType.Float, size))];
        float[] rows = [.. sizes.SelectMany((_, i) => new[] { i + 1f, 0, float.NegativeInfinity })];
        g.Output(g.Custom("OptimizerStep", [g.Tensor([0.5f, 0.25f, 0, 0, 0, float.MaxValue], 6), g.Tensor(rows, sizes.Length, 3), .. Inputs("value"), .. Inputs("first"), .. Inputs("gradient")],
            [[1]], Attributes.Of("moments", 1L))[0]);
        using var session = Open(g);
        using var binding = session.Bind();
        var before = g.Inputs.Select((input, i) => Normal((ulong)i, (int)input.Count, 1)).ToArray();
        var buffers = before.Select(values => OrtTensor.Of<float>(values, values.Length)).ToArray();
        foreach (var (input, buffer) in g.Inputs.Zip(buffers)) binding.Input(input.Name, buffer);
        using var norm = OrtTensor.Zeros(DataType.Float, 1);
        binding.Output(g.Outputs[0].Name, norm).Run();
        double length = Math.Sqrt(before[^sizes.Length..].Sum(d => d.Sum(v => (double)v * v)));
        Assert.Equal(length, norm.Values<float>()[0], 1e-6 * length);
        for (int p = 0; p < sizes.Length; p++)
        {
            float[] value = before[p], first = before[p + sizes.Length], gradient = before[p + 2 * sizes.Length];
            Span<float> moved = buffers[p].Values<float>(), moment = buffers[p + sizes.Length].Values<float>();
            for (int i = 0; i < sizes[p]; i++)
            {
                double m = 0.25 * first[i] + gradient[i];
                Assert.Equal(m, moment[i], Tolerance);
                Assert.Equal(value[i] - 0.5 * (p + 1) * m, moved[i], Tolerance);
            }
        }
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private static OrtSession Open(GraphBuilder g) => new(new OnnxModel(g.ToModel(), "elementwise"), new SessionSettings { Configure = CustomOperators.Register });

    private static float[][] Run(GraphBuilder g, params (string Name, float[] Values)[] inputs)
    {
        using var session = Open(g);
        var feeds = inputs.ToDictionary(i => i.Name, i => OrtTensor.Of<float>(i.Values, [.. g[i.Name].Shape.Select(d => (long)d)]));
        var results = session.Run(feeds, [.. g.Outputs.Select(o => o.Name)]);
        float[][] values = [.. results.Select(r => r.Values<float>().ToArray())];
        foreach (var tensor in results.Concat(feeds.Values)) tensor.Dispose();
        return values;
    }

    private static float[] Normal(ulong seed, int count, double spread)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(spread * random.NextNormal()))];
    }
}
