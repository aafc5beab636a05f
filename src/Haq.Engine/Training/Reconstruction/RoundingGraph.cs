using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Training.Reconstruction;

/// <summary>
/// One step of learning a block's rounding as one ONNX graph. Low-bit weights are ŵ = s·round(u): u the weights in units of their scale, whose gradient passes straight through the rounding
/// (as in Cheng et al. 2023, SignRound), s the scales; both are learned, biases too, and the scales of narrow activations. Loss: the squared difference from the float block's output, summed
/// over a sample and averaged over the batch (Li et al. 2021, BRECQ, eq. 10 with the identity for the Hessian).
/// </summary>
internal sealed class RoundingGraph
{
    /// <summary>Activations this wide have ranges that are good as they are.</summary>
    private const int WideActivation = 8;

    private const float BiasRate = 0.2f, ScaleRate = 0.02f;

    private RoundingGraph(GraphBuilder graph, ForwardGraph forward) => (Graph, Forward) = (graph, forward);

    public GraphBuilder Graph { get; }

    public ForwardGraph Forward { get; }

    /// <summary>Samples per scale.</summary>
    public int Batch => Forward.Batch;

    public required ImmutableArray<TrainedParameter> Parameters { get; init; }

    public required ImmutableArray<TrainedParameter> FixedScales { get; init; }

    public required ImmutableArray<FakeQuantizer> Quantizers { get; init; }

    /// <summary>Name of the input with a layer's weights in units of their scales.</summary>
    public static string UnitsOf(QuantizedLayer layer) => "haq/units/" + layer.Found.Output;

    /// <summary>Name of the input with a layer's scales.</summary>
    public static string ScalesOf(QuantizedLayer layer) => "haq/scales/" + layer.Found.Output;

    /// <summary>The layer's weights are learned.</summary>
    public static bool Learns(QuantizedLayer layer, ReconstructionOptions options) => layer.Weights is { IsShared: false } weights && weights.Bits > 1 && weights.Bits <= options.MostBits;

    /// <summary>Writes the scale; null where no gradient reaches the weights of a layer, with the reason.</summary>
    /// <param name="block">The float block.</param>
    /// <param name="output">The name of its output.</param>
    /// <param name="layers">Its layers' present numbers.</param>
    /// <param name="weights">The float weights of a layer.</param>
    /// <param name="options">How.</param>
    /// <param name="obstacle">The reason.</param>
    public static RoundingGraph? Build(
        OnnxModel block, string output, IReadOnlyList<QuantizedLayer> layers, Func<QuantizedLayer, float[]> weights, ReconstructionOptions options, out string? obstacle)
    {
        var forward = ForwardGraph.Read(block, options.Batch);
        var g = new GraphBuilder(Math.Max(18, block.OpsetOf()));
        var view = new GraphView(block);
        // Weights are put in below; the quantizers of activations are shared by all that read a tensor.
        var fake = new FakeQuantization(g, layers.Select(l => l with { Weights = null }));
        var byOutput = layers.ToDictionary(l => l.Found.Output, StringComparer.Ordinal);
        var adds = layers.Where(l => l.Bias is not null).Select(l => (Layer: l, Place: BiasPlace.Of(view, l.Found))).Where(p => p.Place?.Added is not null)
            .ToDictionary(p => p.Place!.Added!.Output[0], p => (p.Layer, p.Place!), StringComparer.Ordinal);
        var trained = new List<TrainedParameter>();
        forward.Write(g, new HashSet<string>(), node =>
        {
            fake.Prepare(node);
            if (adds.TryGetValue(node.Output[0], out var add)) node.Reading(add.Item2.AddedInput, g.Reshape(Bias(g, add.Layer, trained), [.. add.Item2.Shape.Select(d => (int)d)]).Name);
            if (!byOutput.TryGetValue(node.Output[0], out var layer)) return;
            if (layer.Weights is not null) node.Reading(layer.Found.WeightInput, Weight(g, layer, weights, options, trained).Name);
            if (layer.Bias is null || node.Is(OpNames.MatMul)) return;
            node.Reading(2, Bias(g, layer, trained).Name);
        });
        var fixedScales = new List<TrainedParameter>();
        foreach (var quantizer in fake.Quantizers)
        {
            var layer = layers.First(l => l.Found.Layer.Index == quantizer.Layer);
            float scale = layer.Activation!.Value.Scale;
            (layer.Bits.Activations < WideActivation ? trained : fixedScales).Add(new(quantizer.Scale, [1], [scale], ScaleRate * scale, Decays: false, scale * 0.01f));
        }

        var y = g[output];
        var difference = y - g.Input(Losses.Target, DataType.Float, y.Shape.AsSpan());
        float share = 1f / Math.Max(1, y.Shape[0]);
        var gradients = Backward.Append(g, [(y, difference * (2 * share))], [.. trained.Select(p => g[p.Name])], options.Kernels);
        obstacle = gradients.Obstacles is [var first, ..] ? $"'{first.Node}' ({first.Op}): {first.Reason}" : null;
        var reached = trained.Where(p => gradients.Of(g[p.Name]) is not null).ToImmutableArray();
        if (obstacle is not null || reached.IsEmpty || y.Shape[0] != forward.Batch) return null;
        g.Output(g.Reshape(g.Total(difference * difference) * share, 1), TrainingGraph.LossOutput);
        OptimizerNodes.Append(g, OptimizerKind.Adam, options.Kernels, reached, [.. reached.Select(p => gradients.Of(g[p.Name])!)]);
        KernelSelection.Apply(g, options.Kernels);
        return new RoundingGraph(g, forward) { Parameters = reached, FixedScales = [.. fixedScales, .. trained.Where(p => !reached.Contains(p))], Quantizers = [.. fake.Quantizers] };
    }

    private static Value Weight(GraphBuilder g, QuantizedLayer layer, Func<QuantizedLayer, float[]> weights, ReconstructionOptions options, List<TrainedParameter> trained)
    {
        var quantized = layer.Weights!;
        int[] shape = [.. layer.Found.WeightShape.Select(d => (int)d)];
        if (!Learns(layer, options))
        {
            float[] kept = new float[quantized.Layout.Count];
            quantized.Dequantize(kept);
            return g.Tensor(kept, shape);
        }
        float[] scales = quantized.IsPerTensor ? [quantized.Scales[0]] : [.. quantized.Scales];
        trained.Add(new(UnitsOf(layer), shape, Units(quantized, weights(layer)), 1, Decays: false, float.NegativeInfinity));
        trained.Add(new(ScalesOf(layer), [scales.Length], scales, ScaleRate * scales.Average(), Decays: false, scales.Min() * 0.01f));
        var range = IntegerRange.Symmetric(quantized.Bits);
        var integers = FakeQuantizeOperator
            .Append(g, g.Input(UnitsOf(layer), DataType.Float, shape), g.Tensor([1f], 1),
            g.Tensor([range.Min, range.Max, 0f, 1f], FakeQuantizer.SettingCount), -1, clippingOnly: false);
        int[] broadcast = [.. Enumerable.Repeat(1, shape.Length)];
        if (!quantized.IsPerTensor) broadcast[layer.Found.OutputChannelAxis] = scales.Length;
        return integers * g.Reshape(g.Input(ScalesOf(layer), DataType.Float, scales.Length), broadcast);
    }

    /// <summary>Where u starts: as near to the float weight as the present integer allows, so that the first scale computes what the network does now.</summary>
    private static float[] Units(QuantizedWeights quantized, float[] weights)
    {
        const float within = 0.49f;
        float[] units = new float[weights.Length];
        var (layout, values) = (quantized.Layout, quantized.Values.ToArray());
        for (int i = 0; i < units.Length; i++)
        {
            int q = values[i];
            units[i] = Math.Clamp(weights[i] / quantized.Scales[i / layout.Inner % layout.Channels], q - within, q + within);
        }
        return units;
    }

    private static Value Bias(GraphBuilder g, QuantizedLayer layer, List<TrainedParameter> trained)
    {
        string name = TrainingGraph.BiasName(layer);
        float[] values = [.. layer.Bias!.Values];
        trained.Add(new(name, [values.Length], values, BiasRate * (float)Math.Max(1e-2, Math.Sqrt(values.Average(v => (double)v * v))), Decays: false, float.NegativeInfinity));
        return g.Input(name, DataType.Float, values.Length);
    }
}
