using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// Shapes of every tensor, with ONNX Runtime's help where the rules end: the graph runs once on zeros, and what it makes is looked at. A shape that depends on
/// the data is then the shape for zeros. Operators that refuse zeros (a sequence of no length) get a sample, where there is one.
/// </summary>
public static class ShapeProbe
{
    /// <summary>Infers by rule, then runs the graph for the tensors that are still unknown, where all inputs are known.</summary>
    /// <exception cref="HaqException">A given shape names no input, or contradicts the declared one (HAQ0307).</exception>
    /// <param name="view">The graph.</param>
    /// <param name="inputShapes">Shapes of dynamic inputs.</param>
    /// <param name="sample">Gives the inputs of one sample, or null where there is none; asked only where zeros do not do.</param>
    public static ShapeTable Infer(GraphView view, IReadOnlyDictionary<string, long[]>? inputShapes = null, Func<IReadOnlyDictionary<string, TensorProto>?>? sample = null)
    {
        var table = ShapeInference.Infer(view, inputShapes);
        if (table.Unknown.Count == 0 || view.Inputs.Any(i => !table.TryGet(i.Name, out _))) return table;
        string[] missing = [.. view.Order.SelectMany(n => n.Output).Where(table.Unknown.ContainsKey)];
        if (!TryObserve(view, table, missing, null) && sample?.Invoke() is { } values) TryObserve(view, table, missing, values);
        return table;
    }

    private static bool TryObserve(GraphView view, ShapeTable table, string[] missing, IReadOnlyDictionary<string, TensorProto>? sample)
    {
        try
        {
            foreach (var (name, type) in Observe(view, table, missing, sample)) table.Observe(name, type);
            return true;
        }
        catch (HaqException)
        {
            // The reasons that the rules gave stand: they are about the model, and clearer than what such a run says.
            return false;
        }
    }

    /// <summary>
    /// Runs the graph once, on a sample's inputs where they are given and fit and on zeros otherwise, and returns the types of
    /// <paramref name="tensors"/>; those that are no tensors are left out.
    /// </summary>
    /// <exception cref="HaqException">ONNX Runtime refuses the model or fails (HAQ0310, HAQ0311).</exception>
    public static IReadOnlyDictionary<string, TensorType> Observe(
        GraphView view, ShapeTable inputs, IReadOnlyCollection<string> tensors, IReadOnlyDictionary<string, TensorProto>? sample = null)
    {
        var model = ModelBuilder.From(view.Model).ShowOnly(tensors).Build();
        using var session = new OrtSession(model, SessionSettings.Default with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL });
        var feeds = new Dictionary<string, OrtTensor>(StringComparer.Ordinal);
        try
        {
            foreach (var input in session.Inputs)
            {
                if (view.IsInitializer(input.Name)) continue;
                if (input.Type is DataType.String or DataType.Undefined) return new Dictionary<string, TensorType>();
                var shape = inputs[input.Name].Shape;
                bool fits = sample is not null && sample.TryGetValue(input.Name, out var given) && TensorData.TypeOf(given) == input.Type && given.Dims.SequenceEqual(shape);
                feeds[input.Name] = fits ? OrtTensor.Of(sample![input.Name]) : OrtTensor.Zeros(input.Type, shape.AsSpan());
            }
            string[] wanted = [.. session.Outputs.Where(o => o.Type != DataType.Undefined).Select(o => o.Name)];
            if (wanted.Length == 0) return new Dictionary<string, TensorType>();
            var results = session.Run(feeds, wanted);
            var types = new Dictionary<string, TensorType>(StringComparer.Ordinal);
            for (int i = 0; i < wanted.Length; i++)
            {
                types[wanted[i]] = new TensorType(results[i].Type, results[i].Shape);
                results[i].Dispose();
            }
            return types;
        }
        finally
        {
            foreach (var tensor in feeds.Values) tensor.Dispose();
        }
    }
}
