using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>One layer between two pairs, in the forms that ONNX Runtime rewrites.</summary>
internal static class PairNetworks
{
    private const int Channels = 8, Rows = 4, Columns = 16, Depth = 32;

    /// <summary>A layer with real weights and bias; a few weights are far from the rest, as trained ones are.</summary>
    public static OnnxModel Real(string op) => op is OpNames.Conv or OpNames.ConvTranspose
        ? TinyModel.Of(21, ("x", [1, Channels, 10, 10]), [.. Grids, TensorData.Of("w", [Channels, Channels, 3, 3], Weights(Channels * Channels * 9)),
            TensorData.Of("b", [Channels], TwoSessions.Normal(3, Channels))],
            [.. TwoSessions.Pair("x", "x1", "xs", "middle"), Convolution("w", "b", op), .. TwoSessions.Pair("c", "y", "ys", "middle")])
        : TinyModel.Of(21, ("x", [Rows, Depth]), [.. Grids, TensorData.Of("w", [Depth, Columns], Weights(Depth * Columns)), TensorData.Of("b", [Columns], TwoSessions.Normal(3, Columns))],
            [.. TwoSessions.Pair("x", "x1", "xs", "middle"), .. Product(op), .. TwoSessions.Pair("c", "y", "ys", "middle")]);

    /// <summary>A convolution with integer weights and a real bias of <paramref name="bias"/>, in front of <paramref name="behind"/>, which makes "a" of "c".</summary>
    public static OnnxModel Quantized(float? bias, float outputStep, params NodeProto[] behind)
    {
        TensorProto[] constants = [.. Grids, .. Integers, TensorData.Scalar("wide", outputStep), TensorData.Of("b", [Channels], Enumerable.Repeat(bias ?? 0, Channels).ToArray())];
        return TinyModel.Of(21, ("x", [1, Channels, 10, 10]), constants,
            [
                .. TwoSessions.Pair("x", "x1", "xs", "middle"),
                    OnnxNode.Of(OpNames.DequantizeLinear, ["wq", "ws", "wz"], ["wd"], "weights").With("axis", 0L), Convolution("wd", bias is null ? "" : "b"),
                .. behind, .. TwoSessions.Pair(behind.Length > 0 ? "a" : "c", "y", "wide", "middle"),
            ]);
    }

    /// <summary>A pair on one grid and a pair on another behind it.</summary>
    public static OnnxModel TwoPairs(float second) => TinyModel.Of(21, ("x", [1, Channels, 10, 10]), [.. Grids, TensorData.Scalar("second", second)],
        [.. TwoSessions.Pair("x", "x1", "xs", "middle"), .. TwoSessions.Pair("x1", "y", "second", "middle")]);

    /// <summary>A softmax between pairs.</summary>
    public static OnnxModel Softmax(float step) => TinyModel.Of(21, ("x", [Rows, Depth]), [.. Grids, TensorData.Scalar("step", step), TensorData.Scalar("none", DataType.Uint8, 0)],
        [.. TwoSessions.Pair("x", "x1", "xs", "middle"), OnnxNode.Of(OpNames.Softmax, ["x1"], ["c"], "softmax"), .. TwoSessions.Pair("c", "y", "step", "none")]);

    /// <summary>A product times <paramref name="alpha"/> of integer weights whose zero point is written or not, between pairs.</summary>
    public static OnnxModel Scaled(float alpha, bool writesZero)
    {
        string[] weights = writesZero ? ["wq", "ws", "none"] : ["wq", "ws"];
        return TinyModel.Of(21, ("x", [Rows, Depth]),
            [.. Grids, TensorData.Of("wq", DataType.Int8, [Depth, Columns], [.. Weights(Depth * Columns).Select(w => (long)Math.Clamp(MathF.Round(w / 0.03f), -60, 60))]),
                TensorData.Scalar("ws", 0.03f), TensorData.Scalar("none", DataType.Int8, 0)],
            [.. TwoSessions.Pair("x", "x1", "xs", "middle"), OnnxNode.Of(OpNames.DequantizeLinear, weights, ["wd"], "weights"),
                OnnxNode.Of(OpNames.Gemm, ["x1", "wd"], ["c"], "layer").With("alpha", alpha), .. TwoSessions.Pair("c", "y", "ys", "middle")]);
    }

    /// <summary>A convolution whose INT32 bias has <paramref name="off"/> times the scale that input and weights have together.</summary>
    public static OnnxModel Biased(float off) => TinyModel.Of(21, ("x", [1, Channels, 10, 10]),
        [.. Grids, .. Integers, TensorData.Of("bq", DataType.Int32, [Channels], [.. Enumerable.Range(0, Channels).Select(c => 900L * (c - 3))]),
            TensorData.Of("bs", [Channels], Enumerable.Repeat(0.03f * 0.03f * off, Channels).ToArray()), TensorData.Of("bz", DataType.Int32, [Channels], new long[Channels])],
        [.. TwoSessions.Pair("x", "x1", "xs", "middle"), OnnxNode.Of(OpNames.DequantizeLinear, ["wq", "ws", "wz"], ["wd"], "weights").With("axis", 0L),
            OnnxNode.Of(OpNames.DequantizeLinear, ["bq", "bs", "bz"], ["bd"], "biases").With("axis", 0L), Convolution("wd", "bd"), .. TwoSessions.Pair("c", "y", "ys", "middle")]);

    /// <summary>A Resize by two between pairs.</summary>
    public static OnnxModel Resized(string mode) => TinyModel.Of(21, ("x", [1, Channels, 10, 10]), [.. Grids, TensorData.Of("twice", [4], [1f, 1, 2, 2])],
        [.. TwoSessions.Pair("x", "x1", "xs", "middle"), OnnxNode.Of(OpNames.Resize, ["x1", "", "twice"], ["c"], "resize").With("mode", mode), .. TwoSessions.Pair("c", "y", "xs", "middle")]);

    /// <summary>A convolution of 2-bit weights (INT2, operator set 25), between pairs or with real activations.</summary>
    public static OnnxModel TwoBits(bool pairs)
    {
        byte[] packed = [.. Enumerable.Range(0, Channels * Channels * 9 / 4).Select(i => (byte)(i * 53 & 0b01010101))];
        var weights = new TensorProto { Name = "wq", DataType = (int)NewerDataType.Int2, Dims = { Channels, Channels, 3, 3 }, RawData = Google.Protobuf.ByteString.CopyFrom(packed) };
        var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, ["wq", "ws"], ["wd"], "weights").With("axis", 0L);
        TensorProto[] constants = [.. Grids, weights, TensorData.Of("ws", [Channels], Enumerable.Repeat(0.1f, Channels).ToArray())];
        var convolution = Convolution("wd", "");
        if (!pairs) convolution.Input[0] = "x";
        NodeProto[] nodes = pairs ? [.. TwoSessions.Pair("x", "x1", "xs", "middle"), dequantize, convolution, .. TwoSessions.Pair("c", "y", "ys", "middle")] : [dequantize, convolution];
        var model = TinyModel.Of(25, ("x", [1, Channels, 10, 10]), constants, nodes);
        model.Proto.IrVersion = 13;
        return model;
    }

    private static TensorProto[] Grids => [TensorData.Scalar("xs", 0.03f), TensorData.Scalar("ys", 0.2f), TensorData.Scalar("middle", DataType.Uint8, 128)];

    private static TensorProto[] Integers =>
    [
        TensorData.Of("wq", DataType.Int8, [Channels, Channels, 3, 3], [.. Weights(Channels * Channels * 9).Select(w => (long)Math.Clamp(MathF.Round(w / 0.03f), -60, 60))]),
        TensorData.Of("ws", [Channels], Enumerable.Repeat(0.03f, Channels).ToArray()), TensorData.Of("wz", DataType.Int8, [Channels], new long[Channels]),
    ];

    private static float[] Weights(int count)
    {
        float[] weights = TwoSessions.Normal(2, count, 0.15);
        weights[5] = 4;
        return weights;
    }

    private static NodeProto Convolution(string weights, string bias, string op = OpNames.Conv) =>
        OnnxNode.Of(op, bias.Length > 0 ? ["x1", weights, bias] : ["x1", weights], ["c"], "layer").With("kernel_shape", [3L, 3]).With("pads", [1L, 1, 1, 1]);

    private static NodeProto[] Product(string op) => op == OpNames.Gemm
        ? [OnnxNode.Of(OpNames.Gemm, ["x1", "w", "b"], ["c"], "layer")]
        : [OnnxNode.Of(OpNames.MatMul, ["x1", "w"], ["p"], "layer"), OnnxNode.Of(OpNames.Add, ["p", "b"], ["c"], "add")];
}
