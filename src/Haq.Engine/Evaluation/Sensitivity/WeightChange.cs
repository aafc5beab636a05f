using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Evaluation.Sensitivity;

/// <summary>What quantization does to a layer's weights and bias, in the weights' storage order and by output channel.</summary>
internal sealed class WeightChange
{
    private readonly GraphView _view;
    private readonly string _weight;
    private readonly QuantizedWeights? _quantized;

    private WeightChange(GraphView view, string weight, QuantizedWeights? quantized, float[] bias) => (_view, _weight, _quantized, Bias) = (view, weight, quantized, bias);

    /// <summary>The change of the bias; empty where it stays as it is.</summary>
    public float[] Bias { get; }

    /// <summary>The change of a layer under the policy that quantized it.</summary>
    public static WeightChange Of(GraphView view, QuantizedLayer layer)
    {
        float[] bias = [];
        if (layer.Bias is { } quantized)
        {
            float[]? own = layer.Found.Bias is { } name ? view.Floats(name) : null;
            bias = [.. quantized.Values.Select((b, i) => b - (own?[i] ?? 0))];
        }
        return new WeightChange(view, layer.Found.Weight, layer.Weights, bias);
    }

    /// <summary>The change of the weights, made anew each time: of all widths together it would take many times the model's size.</summary>
    public float[] Values()
    {
        float[] original = _view.Floats(_weight)!;
        float[] change = new float[original.Length];
        if (_quantized is null) return change;
        _quantized.Dequantize(change);
        for (int i = 0; i < change.Length; i++) change[i] -= original[i];
        return change;
    }
}
