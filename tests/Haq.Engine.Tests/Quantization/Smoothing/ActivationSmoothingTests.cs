using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Smoothing;

public sealed class ActivationSmoothingTests
{
    private const int Samples = 16;
    private static readonly SeededRandom s_random = new(47);

    [Theory]
    [InlineData("Relu", 0)]
    [InlineData("LeakyRelu", 0)]
    [InlineData("none", 0)]
    [InlineData("SiLU", 1)]
    public void The_network_computes_the_same_and_is_hurt_less(string activation, int operators)
    {
        var model = QuantizableModel.Prepare(Network(activation, offset: 0, kernel: 3));
        using var data = Data();
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        // An Identity is gone once the network is prepared.
        Assert.Equal([activation == "none" ? "first" : "first_a"], smoothed.Select(s => s.Tensor));
        Assert.All(smoothed[0].Factors, f => Assert.InRange(f, 1e-6f, 1f));
        Assert.Empty(smoothed[0].Offsets);
        var even = ActivationSmoothing.Apply(model, smoothed);
        // A layer before it takes the factors in; behind a sigmoid an operator has to.
        Assert.Equal(model.Float.Graph.Node.Count + operators, even.Float.Graph.Node.Count);
        Assert.Equal(smoothed.Select(s => s.Tensor), even.Smoothed);
        Assert.Equal(model.Layers.Select(l => l.Name), even.Layers.Select(l => l.Name));

        float[] x = Input("unseen"), before = Run(model.Float, x);
        Assert.True(Noise(before, Run(even.Float, x)) < 1e-10, "another function");
        double usual = Noise(before, Run(Quantized(model, data), x)), less = Noise(before, Run(Quantized(even, data), x));
        Assert.True(less < usual / 4, $"{less} against {usual}");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public void Channels_far_from_zero_are_centred_unless_padding_would_see_it(int kernel, bool isCentred)
    {
        var model = QuantizableModel.Prepare(Network("SiLU", offset: 40, kernel));
        using var data = Data();
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        var one = smoothed.SingleOrDefault(s => s.Tensor == "first_a");
        Assert.Equal(isCentred, one is { Offsets.IsEmpty: false });
        if (one is null) return;
        var even = ActivationSmoothing.Apply(model, smoothed);
        float[] x = Input("unseen"), before = Run(model.Float, x);
        Assert.True(Noise(before, Run(even.Float, x)) < 1e-8, "another function");
        if (isCentred) Assert.True(Noise(before, Run(Quantized(even, data), x)) < Noise(before, Run(Quantized(model, data), x)) / 10);
    }

    [Theory]
    [InlineData("output")]
    [InlineData("fork")]
    public void A_tensor_that_others_read_is_divided_by_an_operator_or_not_at_all(string why)
    {
        var network = Network("Relu", offset: 0, kernel: 3);
        if (why == "output") network.Graph.Output.Add(new ValueInfoProto { Name = "first_a" });
        else network.Graph.Node.Add(OnnxNode.Of("Sigmoid", ["first_a"], ["aside"], "aside"));
        if (why == "fork") network.Graph.Output.Add(new ValueInfoProto { Name = "aside" });
        var model = QuantizableModel.Prepare(network);
        using var data = Data();
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        var even = ActivationSmoothing.Apply(model, smoothed);
        float[] x = Input("unseen");
        string second = model.Float.Graph.Output[1].Name;
        Assert.Equal(Run(model.Float, x, second), Run(even.Float, x, second));
        Assert.Equal(smoothed.Length, even.Float.Graph.Node.Count(n => n.Name.EndsWith(".Smooth", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(OpNames.MatMul)]
    [InlineData(OpNames.Gemm)]
    public void Matrix_products_take_factors_of_their_columns(string op)
    {
        var graph = new GraphProto { Name = "g", Input = { Typed("x", 0, 12) }, Output = { new ValueInfoProto { Name = "y" } } };
        float[] w = Values("w", 108, 1);
        for (int i = 0; i < w.Length; i++) w[i] *= MathF.Pow(4, 2 - i / 9 % 5);
        graph.Initializer.Add(TensorData.Of("w", [12, 9], w));
        graph.Node.Add(OnnxNode.Of(op, ["x", "w"], ["y"], "product"));
        var model = QuantizableModel.Prepare(Model(graph));
        float[] x = Values("rows", 64 * 12, 1);
        for (int i = 0; i < x.Length; i++) x[i] *= MathF.Pow(4, i % 12 % 5 - 2);
        using var data = new ArrayDataset("x", [12], x);
        var even = ActivationSmoothing.Apply(model, ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken));
        Assert.Equal(["x"], even.Smoothed);
        using var session = new OrtSession(even.Float);
        using var input = OrtTensor.Of<float>(x, 64, 12);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, ["y"])[0];
        float[] weights = model.View.Floats("w")!, actual = y.ToFloats();
        for (int i = 0; i < actual.Length; i++)
        {
            double exact = 0;
            for (int k = 0; k < 12; k++) exact += (double)x[i / 9 * 12 + k] * weights[k * 9 + i % 9];
            Assert.Equal(exact, actual[i], 2e-5 * 40);
        }
    }

    [Theory]
    [InlineData("Relu", 0, 3)]
    [InlineData("SiLU", 40, 1)]
    public void Constants_that_are_in_a_file_are_those_that_would_be_in_memory(string activation, int offset, int kernel)
    {
        var model = QuantizableModel.Prepare(Network(activation, offset, kernel));
        using var data = Data();
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        Assert.NotEmpty(smoothed);
        var (memory, file) = (SmoothedGraph.Write(model, smoothed, inFile: false), SmoothedGraph.Write(model, smoothed, inFile: true));
        using var storage = file.Storage;
        Assert.NotNull(storage);
        Assert.Contains(file.Tensors(), ExternalData.Holds);
        Assert.Equal(memory.Graph.Initializer.Select(t => t.Name), file.Graph.Initializer.Select(t => t.Name));
        foreach (var (expected, actual) in memory.Graph.Initializer.Zip(file.Graph.Initializer))
            Assert.Equal(TensorData.Bytes(expected).ToArray(), TensorData.Bytes(actual, file.External).ToArray());
        float[] x = Input("unseen");
        Assert.Equal(Run(memory, x), Run(file, x));
    }

    [Fact]
    public void The_same_factors_give_the_same_model()
    {
        var model = QuantizableModel.Prepare(Network("Relu", 0, 3));
        using var data = Data();
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        var even = ActivationSmoothing.Apply(model, smoothed);
        Assert.Same(even, ActivationSmoothing.Apply(model, smoothed));
        ImmutableArray<SmoothedTensor> others = [smoothed[0] with { Factors = [.. smoothed[0].Factors.Select(f => f / 2)] }];
        Assert.NotEqual(even.Float.Digest(), ActivationSmoothing.Apply(model, others).Float.Digest());
    }

    [Fact]
    public void What_was_chosen_is_kept()
    {
        ImmutableArray<SmoothedTensor> smoothed = [new("a", [1f, 0.25f], []), new("b", [0.5f], [-3.5f])];
        using var stream = new MemoryStream();
        SmoothingFile.Write(smoothed, stream);
        stream.Position = 0;
        var read = SmoothingFile.Read(stream);
        Assert.Equal(smoothed.Select(s => s.Tensor), read.Select(s => s.Tensor));
        Assert.Equal(smoothed.SelectMany(s => s.Factors), read.SelectMany(s => s.Factors));
        Assert.Equal(smoothed.SelectMany(s => s.Offsets), read.SelectMany(s => s.Offsets));
        Assert.Throws<InvalidDataException>(() => SmoothingFile.Read(new MemoryStream([1, 2, 3, 4, 5, 6, 7, 8])));
    }

    [Fact]
    public void Where_channels_are_alike_nothing_is_changed()
    {
        var graph = new GraphProto { Name = "g", Input = { Typed("x", 0, 4, 8, 8) }, Output = { new ValueInfoProto { Name = "y" } } };
        graph.Initializer.Add(TensorData.Of("w", [5, 4, 3, 3], Values("alike", 180, 1)));
        graph.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "only"));
        var model = QuantizableModel.Prepare(Model(graph));
        using var data = new ArrayDataset("x", [4, 8, 8], Values("noise", 8 * 256, 1));
        var smoothed = ActivationSmoothing.Choose(model, data, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken);
        Assert.Empty(smoothed);
        Assert.Same(model, ActivationSmoothing.Apply(model, smoothed));
    }

    // A convolution whose output channels differ by up to 49 in size, an activation, and a depthwise (kernel 3, padded) or pointwise convolution that makes them alike.
    internal static OnnxModel Network(string activation, float offset, int kernel)
    {
        var graph = new GraphProto { Name = "g", Input = { Typed("x", 0, 3, 8, 8) }, Output = { new ValueInfoProto { Name = "y" } } };
        float[] weights = Values("first", 9 * 27, 0.3), second = Values("second", kernel == 3 ? 81 : 36, 0.3);
        for (int i = 0; i < weights.Length; i++) weights[i] *= MathF.Pow(7, i / 27 % 3 - 1);
        for (int i = 0; i < second.Length; i++) second[i] *= MathF.Pow(7, 1 - (kernel == 3 ? i / 9 : i % 9) % 3);
        graph.Initializer.Add(TensorData.Of("first_w", [9, 3, 3, 3], weights));
        graph.Initializer.Add(TensorData.Of("first_b", [9], [.. Enumerable.Range(0, 9).Select(c => offset + (c % 2))]));
        graph.Initializer.Add(TensorData.Of("second_w", kernel == 3 ? [9, 1, 3, 3] : [4, 9, 1, 1], second));
        graph.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "first_w", "first_b"], ["first"], "first").With("pads", [1, 1, 1, 1]));
        if (activation == "SiLU")
        {
            graph.Node.Add(OnnxNode.Of("Sigmoid", ["first"], ["gate"], "gate"));
            graph.Node.Add(OnnxNode.Of(OpNames.Mul, ["first", "gate"], ["first_a"], "silu"));
        }
        else
        {
            graph.Node.Add(OnnxNode.Of(activation == "none" ? OpNames.Identity : activation, ["first"], ["first_a"], "activation"));
        }
        var layer = OnnxNode.Of(OpNames.Conv, ["first_a", "second_w"], ["y"], "second");
        graph.Node.Add(kernel == 3 ? layer.With("pads", [1, 1, 1, 1]).With("group", 9) : layer);
        return Model(graph);
    }

    private static OnnxModel Quantized(QuantizableModel model, ArrayDataset data)
    {
        var table = new Calibrator(model, new CalibrationOptions { Moments = false }).Run(data);
        return QdqExporter.Export(new PostTrainingQuantizer(model, table).Quantize(Policy.Uniform(model.Layers.Length, new LayerBits(8, 8))));
    }

    private static double Noise(float[] before, float[] after)
    {
        double signal = 0, noise = 0, mean = before.Average();
        for (int i = 0; i < before.Length; i++)
        {
            signal += (before[i] - mean) * (before[i] - mean);
            noise += ((double)after[i] - before[i]) * ((double)after[i] - before[i]);
        }
        return noise / signal;
    }

    internal static ArrayDataset Data() => new("x", [3, 8, 8], Values("data", Samples * 192, 1));

    private static float[] Input(string name) => Values(name, Samples * 192, 1);

    private static float[] Run(OnnxModel model, float[] x, string output = "y")
    {
        using var session = new OrtSession(model, new SessionSettings { Threads = 1, KeepQuantizationAsWritten = true });
        using var input = OrtTensor.Of<float>(x, Samples, 3, 8, 8);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, [output])[0];
        return y.ToFloats();
    }

    private static float[] Values(string name, int count, double scale)
    {
        var random = s_random.Fork(name);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(scale * random.NextNormal()))];
    }

    private static OnnxModel Model(GraphProto graph) => new(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m");

    private static ValueInfoProto Typed(string name, params long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        foreach (long extent in shape) tensor.Shape.Dim.Add(extent == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
