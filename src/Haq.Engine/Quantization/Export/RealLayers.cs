using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Keeps layers real that are real. Of a Conv, ConvTranspose or Gemm that reads dequantized numbers and whose result is quantized, ONNX Runtime (seen from 1.21 to 1.31.1) quantizes real weights with
/// one INT8 scale for all of them, and a real bias to INT32 without saturation. A LeakyRelu of slope 1 in between ends its search for the QuantizeLinear; it changes no number, and becomes
/// part of the float kernel.
/// </summary>
internal static class RealLayers
{
    private static readonly string[] s_moves = [OpNames.Reshape, OpNames.Flatten, OpNames.Transpose, OpNames.Squeeze, OpNames.Unsqueeze, OpNames.MaxPool, OpNames.Identity, OpNames.Dropout];

    /// <summary>Puts such a LeakyRelu behind each layer that needs it, in place, and makes its integer weights foldable: no kernel takes them.</summary>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, long[]> inputShapes)
    {
        var view = new GraphView(model);
        NodeProto[] layers = [.. view.Order.Where(n => (n.Is(OpNames.Conv) || n.Is(OpNames.ConvTranspose) || n.Is(OpNames.Gemm) || n.Is(OpNames.MatMul)) && IsDequantized(view, n.Input[0]))];
        if (layers.Length == 0) return;
        var shapes = ShapeInference.Infer(view, inputShapes);
        var patch = new GraphPatch(model, "keep real layers real");
        var weights = new List<NodeProto>();
        foreach (var layer in layers)
        {
            // A product of two matrices and an addition are a Gemm to ONNX Runtime.
            var last = layer;
            if (layer.Is(OpNames.MatMul))
            {
                if (shapes.TryGet(layer.Output[0], out var type) && type.Rank != 2) continue;
                if (view.IsOutput(layer.Output[0]) || view.ConsumersOf(layer.Output[0]) is not [var add] || !add.Is(OpNames.Add)) continue;
                last = add;
            }
            string bias = last == layer ? layer.InputAt(2) : last.Input[last.Input[0] == layer.Output[0] ? 1 : 0];
            var dequantize = view.ProducerOf(layer.Input[1]) is { } made && made.Is(OpNames.DequantizeLinear) ? made : null;
            if (dequantize is null ? !IsFolded(view, layer.Input[1]) : Fits(view, layer, dequantize, bias)) continue;
            if (!EndsQuantized(view, last.Output[0])) continue;
            string output = last.Output[0], real = patch.FreshName($"{output}.real");
            patch.Write(last, output, real);
            patch.Add(OnnxNode.Of(OpNames.LeakyRelu, [real], [output], patch.FreshName($"{output}.LeakyRelu")).With("alpha", 1f), last);
            if (dequantize is not null) weights.Add(dequantize);
        }
        FoldableWeights.Write(view, patch, weights);
        patch.Apply();
    }

    /// <summary>Constant, or computed from constants alone: ONNX Runtime has folded it by then.</summary>
    private static bool IsFolded(GraphView view, string tensor) =>
        view.ConstantOf(tensor) is not null
            || (view.ProducerOf(tensor) is { } made && !made.Is(OpNames.DequantizeLinear) && GraphView.InputsOf(made).Any()
            && GraphView.InputsOf(made).All(i => IsFolded(view, i)));

    // ONNX Runtime moves DequantizeLinear and QuantizeLinear over operators that only move numbers.
    private static bool IsDequantized(GraphView view, string tensor)
    {
        while (view.ProducerOf(tensor) is { } producer)
        {
            if (producer.Is(OpNames.DequantizeLinear)) return view.ConstantOf(producer.Input[0]) is null && view.ConstantOf(producer.Input[1]) is { } scale && TensorData.Count(scale) == 1;
            if (!s_moves.Contains(producer.OpType)) return false;
            tensor = producer.Input[0];
        }
        return false;
    }

    private static bool EndsQuantized(GraphView view, string tensor)
    {
        while (!view.IsOutput(tensor) && view.ConsumersOf(tensor) is [var next])
        {
            if (next.Is(OpNames.QuantizeLinear)) return true;
            if (!next.Is(OpNames.Relu) && !next.Is(OpNames.Clip) && !s_moves.Contains(next.OpType)) return false;
            tensor = next.Output[0];
        }
        return false;
    }

    /// <summary>There is no real bias, or its integers in units of input scale times weight scale are within 32 bits: those are exact enough, and fused.</summary>
    private static bool Fits(GraphView view, NodeProto layer, NodeProto weights, string bias)
    {
        if (bias.Length == 0 || view.Floats(bias) is not { } values) return true;
        if (Source(view, layer.Input[0]) is not { } input || view.Floats(input.Input[1]) is not [var inputScale] || view.Floats(weights.Input[1]) is not { } weightScales) return true;
        for (int c = 0; c < values.Length; c++)
            if (!(Math.Abs(values[c] / ((double)inputScale * weightScales[c % weightScales.Length])) <= int.MaxValue)) return false;
        return true;
    }

    private static NodeProto? Source(GraphView view, string tensor)
    {
        var producer = view.ProducerOf(tensor);
        while (producer is not null && !producer.Is(OpNames.DequantizeLinear)) producer = view.ProducerOf(producer.Input[0]);
        return producer;
    }
}
