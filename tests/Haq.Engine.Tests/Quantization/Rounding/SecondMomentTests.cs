using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Rounding;
using Haq.Engine.Runtime;
using Onnx;

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

    [Theory]
    [InlineData(3, 8)]
    [InlineData(37, 32)]
    [InlineData(150, 7)]
    [InlineData(402, 32)]
    public void Products_have_the_same_bits_in_every_register_and_on_any_number_of_cores(int size, int count)
    {
        float[] vectors = Normal(size * count, "products"), start = Normal(size * (size + 1) / 2, "triangle"), expected = [.. start];
        for (int v = 0; v < count; v++)
        {
            for (int i = 0, at = 0; i < size; i++)
                for (int j = i; j < size; j++, at++) expected[at] += vectors[v * size + j] * vectors[v * size + i];
        }
        foreach (int bits in (int[])[32, 128, 256, 512])
        {
            float[] found = [.. start];
            MomentProducts.Add(found, vectors, size, count, bits);
            Assert.Equal(expected, found);
        }
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
    [InlineData("SAME_UPPER", 2)]
    [InlineData("SAME_LOWER", 2)]
    [InlineData("SAME_UPPER", 1)]
    [InlineData("VALID", 2)]
    public void Zeros_that_the_operator_works_out_are_where_it_puts_them(string pad, int stride) =>
        AssertMoments(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "conv").With("auto_pad", pad).With("strides", [stride, stride]), [2, 3, 8, 7], [4, 3, 4, 4], 1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void Convolutions_of_one_and_three_dimensions(int rank, int groups)
    {
        long[] each = [.. Enumerable.Repeat(2L, rank)], pads = [.. Enumerable.Repeat(1L, 2 * rank)];
        AssertMoments(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["y"], "conv").With("group", groups).With("strides", each).With("pads", pads),
            [3, 4, .. Enumerable.Range(5, rank).Select(e => (long)e)], [6, 4 / groups, .. Enumerable.Repeat(3L, rank)], groups);
    }

    [Theory]
    [InlineData(2, 1, 2, 1, null)]
    [InlineData(2, 2, 2, 1, null)]
    [InlineData(1, 1, 3, 0, null)]
    [InlineData(3, 2, 1, 1, null)]
    [InlineData(2, 1, 2, 0, "SAME_UPPER")]
    [InlineData(2, 1, 2, 0, "SAME_LOWER")]
    public void Transposed_convolutions(int rank, int groups, int stride, int pad, string? auto)
    {
        var node = OnnxNode.Of(OpNames.ConvTranspose, ["x", "w"], ["y"], "conv").With("group", groups).With("strides", [.. Enumerable.Repeat((long)stride, rank)]);
        if (auto is null) node.With("pads", [.. Enumerable.Repeat((long)pad, 2 * rank)]);
        else node.With("auto_pad", auto);
        AssertMoments(node, [2, 4, .. Enumerable.Range(3, rank).Select(e => (long)e)], [4, 6 / groups, .. Enumerable.Repeat(3L, rank)], groups);
    }

    [Theory]
    [InlineData(OpNames.MatMul, false, new long[] { 3, 12, 5 })]
    [InlineData(OpNames.Gemm, false, new long[] { 12, 5 })]
    [InlineData(OpNames.Gemm, true, new long[] { 5, 12 })]
    public void Constants_on_the_left_multiply_columns(string op, bool transposed, long[] input)
    {
        var node = OnnxNode.Of(op, ["w", "x"], ["y"], "product");
        if (transposed) node.With("transB", 1);
        AssertMoments(node, input, [7, 12], 1, batched: op == OpNames.MatMul);
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

    private static void AssertMoments(NodeProto node, long[] input, long[] weight, int groups, bool batched = true)
    {
        float[] x = Normal((int)input.Aggregate(1L, (a, b) => a * b), "x"), w = Normal((int)weight.Aggregate(1L, (a, b) => a * b), "w");
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(Typed("x", input, batched));
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        graph.Node.Add(node);
        graph.Initializer.Add(TensorData.Of("w", weight, w));
        var model = QuantizableModel.Prepare(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m"));
        var layer = model.Layers.Single();

        using var data = new ArrayDataset("x", input[1..], x, fixedBatch: batched ? null : (int)input[0]);
        var moments = new Calibrator(model).Run(data).MomentsOf(layer.Name);
        Assert.Equal(groups, moments.Length);

        using var session = new OrtSession(model.Float);
        using var tensor = OrtTensor.Of<float>(x, input);
        using var result = session.Run(new Dictionary<string, OrtTensor> { ["x"] = tensor })[0];
        float[] y = result.ToFloats();
        var parts = ChannelParts.Of(layer);
        int channels = parts.Outputs, axis = node.Is(OpNames.Conv) || node.Is(OpNames.ConvTranspose) ? 1 : layer.WeightInput == 0 ? result.Shape.Length - 2 : result.Shape.Length - 1;
        int inner = (int)result.Shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        for (int c = 0; c < channels; c++)
        {
            double[] outputs = [.. y.Where((_, i) => i / inner % channels == c).Select(v => (double)v)];
            float[] row = new float[parts.PerOutput];
            parts.Gather<float>(w, c, row);
            var moment = moments[parts.GroupOf(c)];
            double[] mean = moment.Mean(), matrix = moment.Matrix(centred: false);
            Assert.Equal(outputs.Length, moment.Count);
            Assert.Equal(outputs.Average(), row.Select((v, i) => v * mean[i]).Sum(), 1e-4);
            double square = 0;
            for (int i = 0; i < row.Length; i++)
                for (int j = 0; j < row.Length; j++) square += (double)row[i] * row[j] * matrix[i * row.Length + j];
            Assert.Equal(outputs.Average(v => v * v), square, 1e-3);
        }
    }

    private static ValueInfoProto Typed(string name, long[] shape, bool batched)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(batched ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = shape[0] });
        foreach (long extent in shape[1..]) tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
