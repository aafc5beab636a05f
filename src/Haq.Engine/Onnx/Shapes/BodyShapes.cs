using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>Control flow: the bodies are inferred like graphs of their own that see the tensors around them.</summary>
internal static class BodyShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules => [("If", If), ("Loop", Loop), ("Scan", Scan)];

    private static void If(ShapeContext c)
    {
        var then = Body(c, "then_branch");
        var otherwise = Body(c, "else_branch");
        if (c.Value(0) is { Count: 1 } condition)
        {
            Adopt(c, Infer(c, condition.Integers[0] != 0 ? then : otherwise, []), condition.Integers[0] != 0 ? then : otherwise);
            return;
        }
        ShapeTable a = Infer(c, then, []), b = Infer(c, otherwise, []);
        for (int i = 0; i < c.OutputCount; i++)
        {
            string x = then.Output[i].Name, y = otherwise.Output[i].Name;
            // A branch that does not fit these inputs is not the one that they take.
            if (!a.TryGet(x, out var left) && !b.TryGet(y, out left)) throw new ShapeUnknownException(a.ReasonFor(x));
            if (!b.TryGet(y, out var right)) right = left;
            if (left != right) throw new ShapeUnknownException($"the branches of {c.Describe()} make different shapes, {left} and {right}");
            c.Out(i, left.Type, left.Shape.AsSpan());
        }
    }

    // Inputs: trip count, condition, carried values. Body: (iteration, condition, carried) -> (condition, carried, collected).
    private static void Loop(ShapeContext c)
    {
        var body = Body(c, "body");
        int carried = body.Input.Count - 2;
        var inputs = new List<(string, TensorType, KnownTensor?)> { (body.Input[0].Name, new TensorType(DataType.Int64, []), null), (body.Input[1].Name, new TensorType(DataType.Bool, []), null) };
        for (int i = 0; i < carried; i++) inputs.Add((body.Input[i + 2].Name, c.In(i + 2), null));
        var table = Infer(c, body, inputs);
        for (int i = 0; i < carried; i++)
        {
            var result = Known(table, body.Output[i + 1].Name);
            if (result != c.In(i + 2)) throw new ShapeUnknownException($"{c.Describe()} changes the shape of a value that it carries");
            c.Out(i, result.Type, result.Shape.AsSpan());
        }
        long trips = c.OutputCount > carried ? c.Needed(0).Integers[0] : 0;
        for (int i = carried; i < c.OutputCount; i++)
        {
            var each = Known(table, body.Output[i + 1].Name);
            c.Out(i, each.Type, [trips, .. each.Shape]);
        }
    }

    private static void Scan(ShapeContext c)
    {
        var body = Body(c, "body");
        int scanned = (int)c.Int("num_scan_inputs", 0), states = c.InputCount - scanned;
        if (c.Opset < 9) throw new ShapeUnknownException($"{c.Describe()} has the form of operator set 8");
        long[] axes = c.Node.Ints("scan_input_axes") ?? new long[scanned];
        var inputs = new List<(string, TensorType, KnownTensor?)>();
        long steps = 0;
        for (int i = 0; i < c.InputCount; i++)
        {
            var type = c.In(i);
            if (i >= states)
            {
                int axis = c.Axis(axes[i - states], type.Rank);
                steps = type.Shape[axis];
                type = new TensorType(type.Type, type.Shape.RemoveAt(axis));
            }
            inputs.Add((body.Input[i].Name, type, null));
        }
        var table = Infer(c, body, inputs);
        long[] outAxes = c.Node.Ints("scan_output_axes") ?? new long[Math.Max(0, c.OutputCount - states)];
        for (int i = 0; i < c.OutputCount; i++)
        {
            var type = Known(table, body.Output[i].Name);
            var shape = i < states ? type.Shape : type.Shape.Insert(c.Axis(outAxes[i - states], type.Rank + 1), steps);
            c.Out(i, type.Type, shape.AsSpan());
        }
    }

    private static GraphProto Body(ShapeContext c, string attribute) => c.Node.Attribute(attribute)?.G ?? throw c.Bad($"it has no {attribute}");

    private static ShapeTable Infer(ShapeContext c, GraphProto body, IEnumerable<(string Name, TensorType Type, KnownTensor? Value)> inputs)
    {
        GraphView view;
        try
        {
            view = new GraphView(c.View, body);
        }
        catch (Diagnostics.HaqException e)
        {
            throw new ShapeUnknownException($"a body of {c.Describe()} is not valid: {e.Message}");
        }
        var table = new ShapeTable(c.View.Model.Name);
        foreach (string captured in Captures.Of(body))
        {
            if (c.Table.TryGet(captured, out var type)) table.Set(captured, type, c.Table.ValueOf(captured));
            else table.SetUnknown(captured, c.Table.ReasonFor(captured));
        }
        foreach (var (name, type, value) in inputs) table.Set(name, type, value);
        ShapeInference.Continue(view, table);
        return table;
    }

    private static TensorType Known(ShapeTable table, string name) => table.TryGet(name, out var type) ? type : throw new ShapeUnknownException(table.ReasonFor(name));

    private static void Adopt(ShapeContext c, ShapeTable table, GraphProto body)
    {
        for (int i = 0; i < c.OutputCount; i++)
        {
            var type = Known(table, body.Output[i].Name);
            c.Out(i, type.Type, type.Shape.AsSpan(), table.ValueOf(body.Output[i].Name));
        }
    }
}
