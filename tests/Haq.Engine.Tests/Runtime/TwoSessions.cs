using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Runtime;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>A model in a session with default settings and in one that rewrites nothing.</summary>
internal static class TwoSessions
{
    private static readonly SessionSettings s_default = new() { Threads = 1, MatMulNBitsAccuracy = 4 };
    private static readonly SessionSettings s_plain = s_default with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL };

    /// <summary>Signal to noise of the default session's output against the other's, in dB; infinite where they are the same.</summary>
    public static double Agreement(OnnxModel model)
    {
        float[] x = Normal(1, (int)model.Graph.Input[0].Type.TensorType.Shape.Dim.Aggregate(1L, (count, d) => count * d.DimValue));
        float[] plain = Run(model, x, s_plain), usual = Run(model, x, s_default);
        double signal = 0, noise = 0;
        for (int i = 0; i < plain.Length; i++)
        {
            signal += (double)plain[i] * plain[i];
            noise += ((double)plain[i] - usual[i]) * ((double)plain[i] - usual[i]);
        }
        return 10 * Math.Log10(signal / noise);
    }

    /// <summary>The operators that a default session runs.</summary>
    public static string[] Operators(OnnxModel model) => [.. OptimizedGraph.Of(model, s_default).Node.Select(n => n.OpType)];

    /// <summary>One run with everything as written.</summary>
    public static float[] Plain(OnnxModel model, float[] x) => Run(model, x, s_plain);

    public static float[] Normal(ulong seed, int count, double deviation = 1)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * random.NextNormal()))];
    }

    /// <summary>A pair of QuantizeLinear and DequantizeLinear.</summary>
    public static NodeProto[] Pair(string from, string to, string scale, string zero) =>
    [
        OnnxNode.Of(OpNames.QuantizeLinear, [from, scale, zero], [$"{to}_q"], $"{to}_quantize"), OnnxNode.Of(OpNames.DequantizeLinear, [$"{to}_q", scale, zero], [to], $"{to}_dequantize"),
    ];

    private static float[] Run(OnnxModel model, float[] x, SessionSettings settings)
    {
        using var session = new OrtSession(model, settings);
        using var input = OrtTensor.Of<float>(x, [.. model.Graph.Input[0].Type.TensorType.Shape.Dim.Select(d => d.DimValue)]);
        using var output = session.Run(new Dictionary<string, OrtTensor> { [model.Graph.Input[0].Name] = input })[0];
        return output.ToFloats();
    }
}
