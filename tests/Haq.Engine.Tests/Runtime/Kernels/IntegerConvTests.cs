using System.Runtime.Intrinsics.X86;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Haq.Engine.Runtime.Kernels;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Runtime.Kernels;

/// <summary>Convolutions in integers give, to the bit, what sums of 64-bit integers give.</summary>
public sealed class IntegerConvTests
{
    public static TheoryData<string, int, int, int, int, int, int, int, int> Maps
    {
        get
        {
            var data = new TheoryData<string, int, int, int, int, int, int, int, int>();
            foreach (int block in (int[])[8, 16])
            {
                // kind, block, inputs, outputs, rows, columns, kernel, stride, pad
                data.Add("Dense", block, 16, 32, 7, 7, 1, 1, 0);
                data.Add("Dense", block, 48, 16, 5, 3, 3, 1, 1);
                data.Add("Dense", block, 16, 48, 9, 11, 3, 2, 1);
                data.Add("Dense", block, 32, block, 6, 10, 1, 2, 0);
                data.Add("Dense", block, 16, 16, 300, 90, 3, 1, 1);
                // Every number of pixels that is left over behind whole tiles.
                for (int count = 1; count < 14; count++) data.Add("Dense", block, 16, 32, 1, count, 1, 1, 0);
                data.Add("Dense", block, 16, 32, 13, 17, 5, 1, 2);
                data.Add("Planar", block, 3, block, 12, 19, 3, 2, 1);
                data.Add("Planar", block, 1, 32, 9, 6, 3, 1, 1);
                data.Add("Planar", block, 4, 16, 8, 8, 1, 1, 0);
                data.Add("Depthwise", block, 32, 32, 9, 14, 3, 1, 1);
                data.Add("Depthwise", block, 16, 16, 12, 7, 3, 2, 1);
                data.Add("Depthwise", block, 16, 16, 9, 9, 5, 1, 2);
                data.Add("Depthwise", block, 16, 16, 6, 5, 2, 1, 0);
                data.Add("Depthwise", block, 16, 16, 1, 1, 3, 1, 1);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Sums_are_exact(string kindName, int block, int inputs, int outputs, int rows, int columns, int kernel, int stride, int pad)
    {
        Assert.SkipUnless(Avx2.IsSupported, "convolutions in integers need AVX2");
        var kind = Enum.Parse<IntegerConvKind>(kindName);
        var random = new SeededRandom(7).Fork($"{kind} {block} {inputs} {rows}");
        int each = kind == IntegerConvKind.Depthwise ? 1 : inputs, made = (rows + 2 * pad - kernel) / stride + 1, across = (columns + 2 * pad - kernel) / stride + 1;
        const int Images = 2;
        const float Scale = 0.037f, Low = -9, High = 200;
        short[] weights = new short[outputs * each * kernel * kernel];
        foreach (ref short w in weights.AsSpan()) w = (short)(random.Next(256) - 128);
        float[] scales = Floats(random, outputs, 0.01), biases = Floats(random, outputs, 1), addend = kind == IntegerConvKind.Dense ? Floats(random, Images * outputs * made * across, 3) : [];
        var (from, to) = (-100, 155);
        float[] x = Floats(random, Images * inputs * rows * columns, 9);
        // Exact halves, and what lies beside them.
        for (int i = 0; i < x.Length; i += 5) x[i] = (i % 61 - 30.5f) * Scale;
        for (int i = 1; i < x.Length; i += 7) x[i] = MathF.BitIncrement((i % 83 - 40.5f) * Scale);

        float[] expected = new float[Images * outputs * made * across];
        var quantizer = new Quantizer(Scale, 100, new IntegerRange(0, 255));
        for (int n = 0; n < Images; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int r = 0; r < made; r++)
                {
                    for (int c = 0; c < across; c++)
                    {
                        long sum = 0;
                        for (int i = 0; i < each; i++)
                        {
                            for (int ky = 0; ky < kernel; ky++)
                            {
                                for (int kx = 0; kx < kernel; kx++)
                                {
                                    int row = r * stride + ky - pad, column = c * stride + kx - pad, channel = kind == IntegerConvKind.Depthwise ? o : i;
                                    if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
                                    float read = x[At(kind == IntegerConvKind.Planar ? 1 : block, inputs, rows, columns, n, channel, row, column)];
                                    sum += (quantizer.Quantize(read) - 100) * weights[((o * each + i) * kernel + ky) * kernel + kx];
                                }
                            }
                        }

                        int at = At(block, outputs, made, across, n, o, r, c);
                        float value = sum * (Scale * scales[o]);
                        value += biases[o];
                        if (addend.Length > 0) value += addend[at];
                        expected[at] = Math.Clamp(value, Low, High);
                    }
                }
            }
        }

        short[] codes = Packed(kind, block, outputs, each, kernel, weights);
        Assert.Equal(expected, Run(
            kind, block, inputs, outputs, [Images, inputs, rows, columns], x, Scale, [from, to, 0, 1], codes, scales, biases, addend, kernel, stride, pad, Low, High, [Images, outputs, made, across]));
    }

    [Fact]
    public void A_layout_that_is_not_the_expected_one_is_refused()
    {
        int[] source = Source(8, 16, 8, 3, true);
        Assert.True(new BlockedWeights(8, 16, 8, 3, 3).IsLaidOut(source, 16, 8, blockedInputs: true));
        Assert.False(new BlockedWeights(16, 16, 8, 3, 3).IsLaidOut(source, 16, 8, blockedInputs: false));
        (source[5], source[6]) = (source[6], source[5]);
        Assert.False(new BlockedWeights(8, 16, 8, 3, 3).IsLaidOut(source, 16, 8, blockedInputs: true));
        Assert.False(new BlockedWeights(8, 16, 8, 1, 3).IsLaidOut(source, 16, 8, blockedInputs: true));
    }

    // Blocks of channels, pixel by pixel; a block of one is a plane.
    private static int At(int block, int channels, int rows, int columns, int image, int channel, int row, int column) =>
        ((((image * (channels / block) + channel / block) * rows + row) * columns) + column) * block + channel % block;

    // ONNX Runtime's order: OIHW8i8o and the like; without blocks of inputs OIHW8o.
    private static int[] Source(int block, int outputs, int inputs, int kernel, bool blockedInputs)
    {
        var source = new List<int>();
        int inner = blockedInputs ? block : 1;
        for (int o = 0; o < outputs; o += block)
        {
            for (int i = 0; i < inputs; i += inner)
            {
                for (int tap = 0; tap < kernel * kernel; tap++)
                {
                    for (int bi = 0; bi < inner; bi++)
                        for (int bo = 0; bo < block; bo++) source.Add(((o + bo) * inputs + i + bi) * kernel * kernel + tap);
                }
            }
        }

        return [.. source];
    }

    private static short[] Packed(IntegerConvKind kind, int block, int outputs, int each, int kernel, short[] weights)
    {
        bool blocked = kind == IntegerConvKind.Dense;
        int[] source = Source(block, outputs, each, kernel, blocked);
        var layout = new BlockedWeights(block, outputs, each, kernel, kernel);
        Assert.True(layout.IsLaidOut(source, outputs, each, blocked));
        return [.. (kind == IntegerConvKind.Depthwise ? layout.Depthwise(source) : layout.Dense(source, blocked)).Select(s => s < 0 ? (short)0 : weights[s])];
    }

    private static float[] Run(
        IntegerConvKind kind, int block, int inputs, int outputs, long[] extents, float[] x, float scale, float[] settings, short[] codes, float[] scales, float[] biases, float[] addend,
        int kernel, int stride, int pad, float low, float high, long[] result)
    {
        string[] read = ["x", "scale", "settings", "codes", "scales", "biases", .. addend.Length > 0 ? ["addend"] : Array.Empty<string>()];
        var node = OnnxNode.Of(IntegerConvKernel.Name, read, ["y"], "conv", GraphBuilder.CustomDomain)
            .With("kind", (long)kind).With("block", (long)block).With("inputs", (long)inputs).With("outputs", (long)outputs).With("low", low).With("high", high)
            .With("kernel_shape", [kernel, kernel]).With("strides", [stride, stride]).With("dilations", [1L, 1]).With("pads", [pad, pad, pad, pad]);
        byte[] bytes = new byte[codes.Length * sizeof(short)];
        Buffer.BlockCopy(codes, 0, bytes, 0, bytes.Length);
        var model = new ModelBuilder("conv", 17).Import(GraphBuilder.CustomDomain, 1).Input("x", DataType.Float, extents)
            .Constant(TensorData.Of("scale", [1], [scale])).Constant(TensorData.Of("settings", [4], settings)).Constant(TensorData.OfBytes("codes", DataType.Int16, [codes.Length], bytes))
            .Constant(TensorData.Of("scales", [scales.Length], scales)).Constant(TensorData.Of("biases", [biases.Length], biases));
        if (addend.Length > 0) model.Constant(TensorData.Of("addend", result, addend));
        using var session = new OrtSession(model.Node(node).Output("y", DataType.Float, result).Build(), new SessionSettings { Configure = CustomOperators.Register, Threads = 1 });
        using var feed = OrtTensor.Of<float>(x, extents);
        using var y = session.Run(new Dictionary<string, OrtTensor> { ["x"] = feed })[0];
        return y.ToFloats();
    }

    private static float[] Floats(SeededRandom random, int count, double size)
    {
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan()) value = (float)(random.NextNormal() * size);
        return values;
    }
}
