using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Places;
using Onnx;

namespace Haq.Engine.Quantization;

/// <summary>
/// Sums and concatenations whose result no 8-bit grid holds, because one of what is joined reaches so much further than another that nothing would
/// be left of that one: scores of attention and a mask of the
/// least number there is, boxes in pixels and their probabilities. And sums that end in a softmax on a grid so coarse that its probabilities are off by much. Such a join is computed in real numbers.
/// </summary>
internal static class WideJoins
{
    /// <summary>Levels of the result's grid that every operand has to span.</summary>
    private const double LeastLevels = 16;

    /// <summary>The coarsest scale that a softmax may read: half of it, what rounding may add, changes e^x by an eighth.</summary>
    private const double MostOfSoftmax = 0.25;

    private static readonly Layers.Bitwidth s_eight = (Layers.Bitwidth)8;

    /// <summary>The model's junctions without those of joins that are too wide, and of tensors that are not finite.</summary>
    public static ImmutableArray<Junction> Without(QuantizableModel model, CalibrationTable calibration)
    {
        if (model.Junctions.IsEmpty) return [];
        var view = model.View;
        var known = model.Junctions.Select(j => j.Tensor).Concat(model.Layers.Select(l => l.Input)).ToHashSet(StringComparer.Ordinal);
        var finest = new Dictionary<string, double>(StringComparer.Ordinal);
        var wide = new HashSet<string>(StringComparer.Ordinal);
        var scores = SoftmaxSums.Of(view, known);
        foreach (var node in view.Order.Where(n => n.Is(OpNames.Add) || n.Is(OpNames.Concat)))
        {
            string[] operands = [.. GraphView.InputsOf(node)];
            if (!operands.All(known.Contains)) continue;
            double least = operands.Min(o => SpanOf(calibration, o, finest));
            string result = JunctionFinder.DestinationOf(view, node.Output[0]);
            if (!known.Contains(result)) continue;
            finest[result] = least;
            double scale = calibration.For(result, s_eight).Scale;
            if (least > 0 && (scale * LeastLevels > least || (scale > MostOfSoftmax && scores.ContainsKey(result)))) wide.Add(node.Name);
        }
        return [.. model.Junctions.Select(j => Narrowed(view, j, wide)).Where(j => !j.Readers.IsEmpty && calibration.HistogramOf(j.Tensor).NonFinite == 0)];
    }

    // What a wide join makes is read as it is, and so is what it joins.
    private static Junction Narrowed(GraphView view, Junction junction, HashSet<string> wide) =>
        IsMadeBy(view, junction.Tensor, wide) ? junction with { Readers = [] } : junction with { Readers = [.. junction.Readers.Where(r => !wide.Contains(r.Node))] };

    private static bool IsMadeBy(GraphView view, string tensor, HashSet<string> nodes)
    {
        while (view.ProducerOf(tensor) is { } producer)
        {
            if (nodes.Contains(producer.Name)) return true;
            if (!JunctionFinder.PassesOn(producer)) return false;
            tensor = producer.Input[0];
        }
        return false;
    }

    /// <summary>How far a tensor's values reach; of a join's result, how far those of the narrowest thing joined do.</summary>
    private static double SpanOf(CalibrationTable calibration, string tensor, Dictionary<string, double> finest) =>
        finest.TryGetValue(tensor, out double known) ? known : (double)calibration.For(tensor, s_eight).Scale * byte.MaxValue;
}
