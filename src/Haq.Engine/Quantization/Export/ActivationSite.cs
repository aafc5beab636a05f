using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// A tensor that layers read quantized: x → [Clip] → QuantizeLinear → DequantizeLinear → layers. Its constants have fixed names, so that a graph can be built once
/// and its numbers put in later.
/// </summary>
internal sealed class ActivationSite
{
    private readonly string _stem;
    private readonly float _lowest;
    private readonly float _highest;
    private readonly bool _clips;

    private ActivationSite(string stem, bool clips, float lowest, float highest) => (_stem, _clips, _lowest, _highest) = (stem, clips, lowest, highest);

    /// <summary>
    /// Inserts the pair behind <paramref name="tensor"/> for <paramref name="readers"/>, each with the input that it reads it through. With <paramref name="clips"/>
    /// there is a Clip: the producer itself where that is a Relu or Clip that nobody else reads, otherwise a node of its own.
    /// </summary>
    public static ActivationSite Insert(GraphView view, GraphPatch patch, string tensor, IReadOnlyList<(NodeProto Node, int Input)> readers, bool clips)
    {
        string stem = patch.FreshStem($"{tensor}_quantization"), source = tensor;
        var first = readers[0].Node;
        (float lowest, float highest) = (float.NegativeInfinity, float.PositiveInfinity);
        if (clips)
        {
            if (Limiter(view, tensor, readers) is { } limiter)
            {
                (lowest, highest) = (limiter.Low, limiter.High);
                patch.Replace(limiter.Node, OnnxNode.Of(OpNames.Clip, [patch.InputOf(limiter.Node, 0), $"{stem}.low", $"{stem}.high"], [tensor], limiter.Node.Name));
            }
            else
            {
                source = $"{stem}.clipped";
                patch.Add(OnnxNode.Of(OpNames.Clip, [tensor, $"{stem}.low", $"{stem}.high"], [source], $"{stem}.Clip"), first);
            }
        }
        string quantized = $"{stem}.quantized", dequantized = $"{stem}.dequantized";
        patch.Add(OnnxNode.Of(OpNames.QuantizeLinear, [source, $"{stem}.scale", $"{stem}.zero_point"], [quantized], $"{stem}.QuantizeLinear"), first);
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [quantized, $"{stem}.scale", $"{stem}.zero_point"], [dequantized], $"{stem}.DequantizeLinear"), first);
        foreach (var (node, input) in readers) patch.Read(node, input, dequantized);
        return new ActivationSite(stem, clips, lowest, highest);
    }

    /// <summary>Inserts the pair in front of the network's output <paramref name="tensor"/>: what reads that inside of the network reads it quantized, too.</summary>
    public static ActivationSite Last(GraphView view, GraphPatch patch, string tensor)
    {
        var producer = view.ProducerOf(tensor)!;
        string stem = patch.FreshStem($"{tensor}_quantization"), real = $"{stem}.real", quantized = $"{stem}.quantized";
        patch.Write(producer, tensor, real);
        patch.Add(OnnxNode.Of(OpNames.QuantizeLinear, [real, $"{stem}.scale", $"{stem}.zero_point"], [quantized], $"{stem}.QuantizeLinear"));
        patch.Add(OnnxNode.Of(OpNames.DequantizeLinear, [quantized, $"{stem}.scale", $"{stem}.zero_point"], [tensor], $"{stem}.DequantizeLinear"));
        return new ActivationSite(stem, clips: false, float.NegativeInfinity, float.PositiveInfinity);
    }

    /// <summary>The constants for a quantizer whose integers are kept in <paramref name="container"/>.</summary>
    public IEnumerable<TensorProto> Constants(Quantizer quantizer, IntegerContainer container)
    {
        yield return TensorData.Scalar($"{_stem}.scale", quantizer.Scale);
        yield return TensorData.Scalar($"{_stem}.zero_point", container.TypeFor(quantizer.Range), quantizer.ZeroPoint);
        if (!_clips) yield break;
        yield return TensorData.Scalar($"{_stem}.low", Math.Max(_lowest, quantizer.Lowest));
        yield return TensorData.Scalar($"{_stem}.high", Math.Min(_highest, quantizer.Highest));
    }

    /// <summary>The node that already limits the tensor, where no one would notice if it limited it more.</summary>
    private static (NodeProto Node, float Low, float High)? Limiter(GraphView view, string tensor, IReadOnlyList<(NodeProto Node, int Input)> readers)
    {
        if (view.ProducerOf(tensor) is not { } producer || view.IsOutput(tensor)) return null;
        if (view.ConsumersOf(tensor).Any(c => c.Input.Where((name, i) => name == tensor && !readers.Contains((c, i))).Any() || c.Bodies().Any())) return null;
        if (producer.Is(OpNames.Relu)) return (producer, 0, float.PositiveInfinity);
        if (!producer.Is(OpNames.Clip)) return null;
        string low = producer.InputAt(1), high = producer.InputAt(2);
        float? least = low.Length == 0 ? float.NegativeInfinity : Scalar(view, low), most = high.Length == 0 ? float.PositiveInfinity : Scalar(view, high);
        return least is { } l && most is { } m ? (producer, l, m) : null;
    }

    private static float? Scalar(GraphView view, string tensor) => view.Floats(tensor) is [var value] ? value : null;
}
