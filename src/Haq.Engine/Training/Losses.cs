using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Training;

/// <summary>Writes a loss and its gradient with respect to the network's output.</summary>
internal static class Losses
{
    /// <summary>The input that holds what the output should be.</summary>
    public const string Target = "haq/target";

    /// <summary>
    /// KL(target ‖ softmax(z)) for scores z [N, classes], mean over samples; the target's rows are distributions. For a row that is one class it is the cross-entropy.
    /// </summary>
    public static (Value Loss, Value Gradient) Divergence(GraphBuilder g, Value z, KernelSet kernels)
    {
        var target = g.Input(Target, DataType.Float, z.Shape.AsSpan());
        if (kernels == KernelSet.Custom)
        {
            var both = g.Custom("SoftmaxDivergence", [z, target], [[1], z.Shape]);
            return (both[0], both[1]);
        }
        var logarithm = g.Node("LogSoftmax", [z], z.Shape, Attributes.Of("axis", 1L));
        // t·log t is 0 at t = 0; the bound only keeps the logarithm finite there.
        var own = g.Unary("Log", g.Binary("Max", target, g.Scalar(1e-30f)));
        float share = 1f / z.Shape[0];
        var loss = g.Reshape(g.Total(target * (own - logarithm)) * share, 1);
        return (loss, (g.Unary("Exp", logarithm) - target) * share);
    }

    /// <summary>Squared difference from the target, mean over elements.</summary>
    public static (Value Loss, Value Gradient) SquaredError(GraphBuilder g, Value y)
    {
        var difference = y - g.Input(Target, DataType.Float, y.Shape.AsSpan());
        return (g.Reshape(g.Total(difference * difference) * (1f / y.Count), 1), difference * (2f / y.Count));
    }
}
