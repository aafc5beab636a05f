using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Training;

/// <summary>
/// Writes the update of all parameters. With the engine's kernels one operator at the end of the graph changes parameters and moments in place: safe,
/// because it reads every gradient and so runs after everything that reads a parameter. In standard operators the new values are outputs instead.
/// </summary>
internal static class OptimizerNodes
{
    /// <summary>Input of (rate, first decay or momentum, second decay, epsilon, weight decay, longest gradient).</summary>
    public const string Settings = "haq/optimizer";

    /// <summary>Output of the gradient's norm before it was shortened.</summary>
    public const string Norm = "haq/gradient-norm";

    /// <summary>Name of a parameter's moment.</summary>
    public static string Moment(string parameter, int order) => $"haq/moment{order}/{parameter}";

    /// <summary>Name of the output with a tensor's next value.</summary>
    public static string Next(string name) => "haq/next/" + name;

    /// <summary>Number of moments per parameter.</summary>
    public static int Moments(OptimizerKind kind) => kind == OptimizerKind.Adam ? 2 : 1;

    public static void Append(
        GraphBuilder g, OptimizerKind kind, KernelSet kernels, IReadOnlyList<TrainedParameter> parameters, IReadOnlyList<Value> gradients)
    {
        var settings = g.Input(Settings, DataType.Float, 6);
        Value[] values = [.. parameters.Select(p => g[p.Name])];
        Value[][] moments =
        [
            .. Enumerable.Range(1, Moments(kind)).Select(order =>
                parameters.Select(p => g.Input(Moment(p.Name, order), DataType.Float, p.Shape)).ToArray()),
        ];
        if (kernels == KernelSet.Custom)
        {
            float[] each = [.. parameters.SelectMany(p => new[] { p.RateFactor, p.Decays ? 1f : 0, p.Floor })];
            var norm = g.Custom("OptimizerStep", [settings, g.Tensor(each, parameters.Count, 3), .. values, .. moments.SelectMany(m => m), .. gradients], [[1]],
                Attributes.Of("moments", (long)moments.Length))[0];
            g.Output(norm, Norm);
            return;
        }
        Value At(int index) => g.Slice(settings, 0, index, 1);
        var squares = gradients.Select(d => g.Reshape(g.Total(d * d), 1)).ToArray();
        var length = g.Unary("Sqrt", squares.Length == 1 ? squares[0] : g.Node("Sum", squares, [1]));
        var shorten = g.Binary("Min", g.Scalar(1), At(5) / g.Binary("Max", length, g.Scalar(1e-12f)));
        for (int i = 0; i < parameters.Count; i++)
        {
            var p = parameters[i];
            var gradient = gradients[i] * shorten;
            var rate = At(0) * p.RateFactor;
            if (kind == OptimizerKind.Sgd)
            {
                if (p.Decays) gradient += values[i] * At(4);
                var velocity = moments[0][i] * At(1) + gradient;
                Finish(g, p, values[i] - velocity * rate);
                g.Output(velocity, Next(moments[0][i].Name));
                continue;
            }
            var first = moments[0][i] * At(1) + gradient * (1 - At(1));
            var second = moments[1][i] * At(2) + gradient * gradient * (1 - At(2));
            var update = first / (g.Unary("Sqrt", second) + At(3));
            if (p.Decays) update += values[i] * At(4);
            Finish(g, p, values[i] - update * rate);
            g.Output(first, Next(moments[0][i].Name));
            g.Output(second, Next(moments[1][i].Name));
        }
        g.Output(length, Norm);
    }

    private static void Finish(GraphBuilder g, TrainedParameter p, Value next) =>
        g.Output(float.IsNegativeInfinity(p.Floor) ? next : g.Binary("Max", next, g.Scalar(p.Floor)), Next(p.Name));
}
