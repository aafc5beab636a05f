using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Quantization.Rounding;

public sealed class SecondMomentTests
{
    private static float[] Normal(int count, string name)
    {
        var random = new SeededRandom(9).Fork(name);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    [Fact]
    public void Mean_and_matrix_are_those_of_the_vectors()
    {
        const int size = 21, count = 107; // neither a whole number of lanes nor of blocks
        float[] values = Normal(size * count, "moments");
        var moment = new SecondMoment(size);
        for (int v = 0; v < count; v++) moment.Add(values.AsSpan(v * size, size));
        double[] mean = moment.Mean(), raw = moment.Matrix(centred: false), centred = moment.Matrix();
        for (int i = 0; i < size; i++)
        {
            double m = Enumerable.Range(0, count).Average(v => (double)values[v * size + i]);
            Assert.Equal(m, mean[i], 1e-9);
            for (int j = 0; j < size; j++)
            {
                double product = Enumerable.Range(0, count).Average(v => (double)values[v * size + i] * values[v * size + j]);
                double n = Enumerable.Range(0, count).Average(v => (double)values[v * size + j]);
                Assert.Equal(product, raw[i * size + j], 1e-5);
                Assert.Equal(product - m * n, centred[i * size + j], 1e-5);
            }
        }
        using var stream = new MemoryStream();
        moment.Write(new BinaryWriter(stream));
        stream.Position = 0;
        var back = SecondMoment.Read(new BinaryReader(stream));
        Assert.Equal(moment.Count, back.Count);
        Assert.Equal(mean, back.Mean());
        Assert.Equal(raw, back.Matrix(centred: false));
    }

    [Fact]
    public void A_black_ground_forbids_fitting_the_bias_to_the_mean()
    {
        var moment = new SecondMoment(2);
        for (int i = 0; i < 20; i++) moment.Add([i, 1]);
        Assert.True(moment.AllowsBiasCorrection);
        moment.Add([0, 0]);
        moment.Add([0, 0]);
        Assert.Equal(2 / 22.0, moment.ZeroShare);
        Assert.False(moment.AllowsBiasCorrection);
    }

    public static TheoryData<int, int, int, int, int> Convolutions => new()
    {
        { 1, 3, 1, 1, 1 }, { 1, 1, 1, 0, 1 }, { 6, 3, 2, 1, 1 }, { 2, 3, 1, 2, 2 }, { 1, 5, 2, 0, 1 },
    };

    /// <summary>The patches are right when weights times their moments are ONNX Runtime's outputs' moments: w·E[x] = E[y] and w·E[xxᵀ]·wᵀ = E[y²].</summary>
    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Patches_are_what_a_convolution_multiplies(int groups, int kernel, int stride, int pad, int dilation)
    {
        var node = OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "conv").With("group", groups).With("strides", [stride, stride])
            .With("pads", [pad, pad, pad, pad]).With("dilations", [dilation, dilation]);
        AssertMoments(node, [2, 6, 9, 8], [6, 6 / groups, kernel, kernel], groups);
    }

    [Theory]
    [InlineData(OpNames.Gemm, 0)]
    [InlineData(OpNames.Gemm, 1)]
    [InlineData(OpNames.MatMul, 0)]
    public void Rows_are_what_a_product_multiplies(string op, int transposed)
    {
        var node = OnnxNode.Of(op, ["x", "w"], ["y"], "product");
        if (op == OpNames.Gemm) node.With("transB", transposed);
        AssertMoments(node, op == OpNames.Gemm ? [5, 12] : [3, 4, 12], transposed == 1 ? [7, 12] : [12, 7], 1);
    }

    private static void AssertMoments(NodeProto node, long[] input, long[] weight, int groups)
    {
        float[] x = Normal((int)input.Aggregate(1L, (a, b) => a * b), "x"), w = Normal((int)weight.Aggregate(1L, (a, b) => a * b), "w");
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(Typed("x", input));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        graph.Node.Add(node);
        graph.Initializer.Add(TensorData.Of("w", weight, w));
        var model = QuantizableModel.Prepare(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m"));
        var layer = model.Layers.Single();

        using var data = new ArrayDataset("x", input[1..], x);
        var moments = new Calibrator(model).Run(data).MomentsOf(layer.Name);
        Assert.Equal(groups, moments.Length);

        using var session = new OrtSession(model.Float);
        using var tensor = OrtTensor.Of<float>(x, input);
        using var result = session.Run(new Dictionary<string, OrtTensor> { ["x"] = tensor })[0];
        float[] y = result.ToFloats();
        int channels = layer.Layer.Shape.Out, inner = node.Is(OpNames.Conv) ? (int)(result.Shape[2] * result.Shape[3]) : 1;
        var layout = Haq.Engine.Quantization.Weights.ChannelLayout.Of(weight, layer.OutputChannelAxis);
        for (int c = 0; c < channels; c++)
        {
            double[] outputs = [.. y.Where((_, i) => i / inner % channels == c).Select(v => (double)v)];
            float[] row = new float[layout.PerChannel];
            layout.Gather<float>(w, c, row);
            var moment = moments[c / (channels / groups)];
            double[] mean = moment.Mean(), matrix = moment.Matrix(centred: false);
            Assert.Equal(outputs.Length, moment.Count);
            Assert.Equal(outputs.Average(), row.Select((v, i) => v * mean[i]).Sum(), 1e-4);
            double square = 0;
            for (int i = 0; i < row.Length; i++)
                for (int j = 0; j < row.Length; j++) square += (double)row[i] * row[j] * matrix[i * row.Length + j];
            Assert.Equal(outputs.Average(v => v * v), square, 1e-3);
        }
    }

    private static ValueInfoProto Typed(string name, long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        foreach (long extent in shape[1..]) tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
