using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>Two layers whose common channels can be rescaled, and what is between them.</summary>
internal sealed class EqualizedPair
{
    /// <summary>Channels whose weights are all this small on either side are left alone.</summary>
    private const double Nothing = 1e-20;

    private readonly NodeProto? _clip;
    private readonly float _cap;
    private readonly double[] _factors;

    private EqualizedPair(EqualizedLayer first, EqualizedLayer second, NodeProto? clip, float cap)
    {
        (First, Second, _clip, _cap, _factors) = (first, second, clip, cap, new double[first.Outputs]);
        Array.Fill(_factors, 1);
    }

    /// <summary>The layer whose outputs are divided.</summary>
    public EqualizedLayer First { get; }

    /// <summary>The layer whose inputs are multiplied.</summary>
    public EqualizedLayer Second { get; }

    /// <summary>The pair that begins with a node; null where there is none that can be rescaled exactly.</summary>
    public static EqualizedPair? Of(GraphView view, NodeProto node)
    {
        if (EqualizedLayer.Of(view, node) is not { } first) return null;
        (NodeProto? clip, float cap) = (null, float.PositiveInfinity);
        for (string tensor = node.Output[0]; ;)
        {
            if (view.IsOutput(tensor) || view.ConsumersOf(tensor) is not [var next] || next.Bodies().Any()) return null;
            if (EqualizedLayer.Of(view, next) is { } second)
                return next.InputAt(0) == tensor && second.Inputs == first.Outputs ? new EqualizedPair(first, second, clip, cap) : null;
            if (next.InputAt(0) != tensor || next.Output.Count(o => o.Length > 0) != 1) return null;
            if (next.Is(OpNames.Clip))
            {
                if (clip is not null || view.Floats(next.InputAt(1)) is not [0] || view.Floats(next.InputAt(2)) is not [var high] || !(high > 0)) return null;
                (clip, cap) = (next, high);
            }
            else if (!IsHomogeneous(view, next))
            {
                return null;
            }
            tensor = next.Output[0];
        }
    }

    /// <summary>Moves the ranges of all channels to their geometric mean; returns the greatest |log s|.</summary>
    public double Balance(float[] first, float[] second)
    {
        int channels = First.Outputs;
        double[] r1 = new double[channels], r2 = new double[channels];
        for (int i = 0; i < first.Length; i++) r1[First.OutputOf(i)] = Math.Max(r1[First.OutputOf(i)], Math.Abs(first[i]));
        for (int i = 0; i < second.Length; i++) r2[Second.InputOf(i)] = Math.Max(r2[Second.InputOf(i)], Math.Abs(second[i]));
        double[] s = new double[channels];
        double most = 0;
        for (int c = 0; c < channels; c++)
        {
            s[c] = r1[c] > Nothing && r2[c] > Nothing ? Math.Sqrt(r1[c] / r2[c]) : 1;
            _factors[c] *= s[c];
            most = Math.Max(most, Math.Abs(Math.Log(s[c])));
        }
        for (int i = 0; i < first.Length; i++) first[i] = (float)(first[i] / s[First.OutputOf(i)]);
        for (int i = 0; i < second.Length; i++) second[i] = (float)(second[i] * s[Second.InputOf(i)]);
        return most;
    }

    /// <summary>Proposes the first layer's bias and the bounds between the layers that fit the factors.</summary>
    public void Finish(GraphView view, GraphPatch patch)
    {
        if (First.Node.InputAt(2).Length > 0)
        {
            float[] bias = view.Floats(First.Node.Input[2])!;
            for (int c = 0; c < bias.Length; c++) bias[c] = (float)(bias[c] / _factors[c]);
            First.Put(view, patch, 2, bias);
        }
        if (_clip is null) return;
        // Relu last: whoever quantizes the tensor finds a lower bound of 0 there to merge with.
        string caps = patch.FreshName($"{_clip.Name}.caps"), capped = patch.FreshName($"{_clip.Name}.capped");
        patch.Put(TensorData.Of(caps, First.OutputShape, [.. _factors.Select(f => (float)(_cap / f))]));
        patch.Replace(_clip,
            OnnxNode.Of(OpNames.Min, [_clip.Input[0], caps], [capped], patch.FreshName($"{_clip.Name}.Min")),
            OnnxNode.Of(OpNames.Relu, [capped], [_clip.Output[0]], _clip.Name));
    }

    /// <summary>A channel's positive factor passes through the node and stays with its channel.</summary>
    internal static bool IsHomogeneous(GraphView view, NodeProto node)
    {
        if (node.Is(OpNames.Relu) || node.Is(OpNames.LeakyRelu) || node.Is(OpNames.Identity) || node.Is(OpNames.MaxPool) || node.Is(OpNames.AveragePool)) return true;
        if (node.Is(OpNames.GlobalAveragePool) || node.Is(OpNames.GlobalMaxPool)) return true;
        if (node.Is(OpNames.PRelu)) return view.ConstantOf(node.InputAt(1)) is not null;
        return node.Is(OpNames.Pad) && node.Text("mode", "constant") == "constant" && (node.InputAt(2).Length == 0 || view.Floats(node.InputAt(2)) is [0]);
    }
}
