using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>What a shape rule sees of its node, and where it puts what it finds.</summary>
internal sealed class ShapeContext(GraphView view, ShapeTable table, NodeProto node)
{
    public GraphView View => view;

    public ShapeTable Table => table;

    public NodeProto Node => node;

    /// <summary>The version of the node's operator set.</summary>
    public int Opset { get; } = view.Model.OpsetOf(node.Domain);

    public int InputCount => node.Input.Count;

    public int OutputCount => node.Output.Count;

    public bool Has(int input) => node.InputAt(input).Length > 0;

    /// <summary>The type of an input; a rule that needs an unknown one ends here.</summary>
    public TensorType In(int index)
    {
        string name = node.InputAt(index);
        if (name.Length == 0) throw new ShapeUnknownException($"{Describe()} lacks input {index}");
        return table.TryGet(name, out var type) ? type : throw new ShapeUnknownException(table.ReasonFor(name));
    }

    /// <summary>The extents of an input.</summary>
    public long[] Shape(int index) => [.. In(index).Shape];

    public DataType TypeOf(int index) => In(index).Type;

    /// <summary>The elements of an input where they are known.</summary>
    public KnownTensor? Value(int index) => Has(index) ? table.ValueOf(node.InputAt(index)) : null;

    /// <summary>The elements of an input that the shape depends on.</summary>
    public KnownTensor Needed(int index)
    {
        if (Value(index) is { } value) return value;
        _ = In(index);
        throw new ShapeUnknownException($"{Describe()} has a shape that depends on data ('{node.InputAt(index)}')");
    }

    /// <summary>Integers that are an attribute in old operator sets and an input in new ones; null where neither is given.</summary>
    public long[]? IntsOf(string attribute, int input) => node.Ints(attribute) ?? (Has(input) ? Needed(input).Integers : null);

    public long Int(string name, long fallback) => node.Int(name, fallback);

    public void Out(int index, DataType type, ReadOnlySpan<long> shape, KnownTensor? value = null)
    {
        string name = node.OutputAt(index);
        if (name.Length == 0) return;
        foreach (long extent in shape) if (extent < 0) throw Bad($"an extent would be negative: [{string.Join(',', shape.ToArray())}]");
        table.Set(name, TensorType.Of(type, shape), value);
    }

    /// <summary>An output whose elements are known.</summary>
    public void Out(int index, KnownTensor value) => Out(index, value.Type, value.Shape, value.Count <= KnownTensor.MaxCount ? value : null);

    /// <summary>An axis counted from the front.</summary>
    public int Axis(long axis, int rank)
    {
        long counted = axis < 0 ? axis + rank : axis;
        return counted >= 0 && counted < Math.Max(1, rank) ? (int)counted : throw Bad($"axis {axis} is outside rank {rank}");
    }

    public ShapeUnknownException Bad(string what) => new($"the inputs do not fit {Describe()}: {what}");

    public string Describe() => $"{node.OpType} '{view.NameOf(node)}'";
}
