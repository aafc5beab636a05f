using System.Collections.Immutable;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Graphs;

/// <summary>
/// One tensor of a graph under construction: a name, an element type and a static shape. The operators append the ONNX node of the same
/// meaning to the value's graph, with ONNX's broadcasting, so a formula reads as it is written on paper.
/// </summary>
public sealed class Value
{
    internal Value(GraphBuilder graph, string name, DataType type, ImmutableArray<int> shape)
    {
        Graph = graph;
        Name = name;
        Type = type;
        Shape = shape;
        long count = 1;
        foreach (int extent in shape) count = checked(count * extent);
        Count = count;
    }

    /// <summary>The graph that it belongs to.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Unique in the graph.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public DataType Type { get; }

    /// <summary>Extents; empty for a scalar.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Length;

    /// <summary>Single or double precision: what a gradient can flow through.</summary>
    public bool IsReal => Type is DataType.Float or DataType.Double;

    /// <summary>Sum.</summary>
    public static Value operator +(Value a, Value b) => a.Graph.Binary("Add", a, b);

    /// <summary>Difference.</summary>
    public static Value operator -(Value a, Value b) => a.Graph.Binary("Sub", a, b);

    /// <summary>Product.</summary>
    public static Value operator *(Value a, Value b) => a.Graph.Binary("Mul", a, b);

    /// <summary>Quotient.</summary>
    public static Value operator /(Value a, Value b) => a.Graph.Binary("Div", a, b);

    /// <summary>Sum with a number.</summary>
    public static Value operator +(Value a, float b) => a + a.Graph.Scalar(b);

    /// <summary>Difference from a number.</summary>
    public static Value operator -(float a, Value b) => b.Graph.Scalar(a) - b;

    /// <summary>Difference with a number.</summary>
    public static Value operator -(Value a, float b) => a - a.Graph.Scalar(b);

    /// <summary>Multiple.</summary>
    public static Value operator *(Value a, float b) => a * a.Graph.Scalar(b);

    /// <summary>Quotient with a number.</summary>
    public static Value operator /(float a, Value b) => b.Graph.Scalar(a) / b;

    /// <summary>Negative.</summary>
    public static Value operator -(Value a) => a.Graph.Unary("Neg", a);

    /// <summary>Truth values of a &gt; b.</summary>
    public static Value operator >(Value a, Value b) => a.Graph.Compare("Greater", a, b);

    /// <summary>Truth values of a &lt; b.</summary>
    public static Value operator <(Value a, Value b) => a.Graph.Compare("Less", a, b);

    /// <summary>Truth values of a &gt; b.</summary>
    public static Value operator >(Value a, float b) => a > a.Graph.Scalar(b);

    /// <summary>Truth values of a &lt; b.</summary>
    public static Value operator <(Value a, float b) => a < a.Graph.Scalar(b);

    /// <summary>Both true.</summary>
    public static Value operator &(Value a, Value b) => a.Graph.Compare("And", a, b);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type}[{string.Join(',', Shape)}]";
}
