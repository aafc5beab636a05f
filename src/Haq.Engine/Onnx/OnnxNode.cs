using Google.Protobuf;
using Onnx;
using static Onnx.AttributeProto.Types;

namespace Haq.Engine.Onnx;

/// <summary>Making nodes and reading and writing their attributes.</summary>
public static class OnnxNode
{
    /// <summary>A node of the standard domain, or of <paramref name="domain"/>.</summary>
    public static NodeProto Of(string op, IEnumerable<string> inputs, IEnumerable<string> outputs, string name = "", string domain = OpNames.StandardDomain)
    {
        var node = new NodeProto { OpType = op };
        if (name.Length > 0) node.Name = name;
        if (domain.Length > 0) node.Domain = domain;
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        return node;
    }

    /// <summary>A node that does what another one does, with its attributes, to other tensors.</summary>
    public static NodeProto Like(NodeProto node, IEnumerable<string> inputs, IEnumerable<string> outputs, string name = "")
    {
        ArgumentNullException.ThrowIfNull(node);
        var like = Of(node.OpType, inputs, outputs, name, node.Domain);
        like.Attribute.AddRange(node.Attribute.Select(a => a.Clone()));
        return like;
    }

    /// <summary>Sets an input of a node that is being made; inputs before it that are not there are left out. Nodes of a model are changed by <see cref="GraphPatch"/>.</summary>
    public static NodeProto Reading(this NodeProto node, int input, string tensor)
    {
        while (node.Input.Count <= input) node.Input.Add("");
        node.Input[input] = tensor;
        return node;
    }

    /// <summary>Makes a node that is being written another operator, which reads the first so many inputs and has no attributes yet.</summary>
    public static NodeProto Become(this NodeProto node, string op, string domain, int inputs)
    {
        (node.OpType, node.Domain) = (op, domain);
        while (node.Input.Count > inputs) node.Input.RemoveAt(node.Input.Count - 1);
        node.Attribute.Clear();
        return node;
    }

    /// <summary>The node is that operator of the standard domain.</summary>
    public static bool Is(this NodeProto node, string op) => node.OpType == op && OpNames.IsStandard(node.Domain);

    /// <summary>The name of an input, or "" where it is left out.</summary>
    public static string InputAt(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>The name of an output, or "" where it is left out.</summary>
    public static string OutputAt(this NodeProto node, int index) => index < node.Output.Count ? node.Output[index] : "";

    /// <summary>The attribute of that name, or null.</summary>
    public static AttributeProto? Attribute(this NodeProto node, string name)
    {
        foreach (var attribute in node.Attribute) if (attribute.Name == name) return attribute;
        return null;
    }

    /// <summary>An integer attribute.</summary>
    public static long Int(this NodeProto node, string name, long fallback) => node.Attribute(name) is { } a ? a.I : fallback;

    /// <summary>A list of integers; null where there is none.</summary>
    public static long[]? Ints(this NodeProto node, string name) => node.Attribute(name) is { } a ? [.. a.Ints] : null;

    /// <summary>A real attribute.</summary>
    public static float Float(this NodeProto node, string name, float fallback) => node.Attribute(name) is { } a ? a.F : fallback;

    /// <summary>A list of reals; null where there is none.</summary>
    public static float[]? Floats(this NodeProto node, string name) => node.Attribute(name) is { } a ? [.. a.Floats] : null;

    /// <summary>A text attribute.</summary>
    public static string Text(this NodeProto node, string name, string fallback) => node.Attribute(name) is { } a ? a.S.ToStringUtf8() : fallback;

    /// <summary>The graphs that the node carries: bodies of If, Loop, Scan.</summary>
    public static IEnumerable<(string Attribute, GraphProto Graph)> Bodies(this NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is not null) yield return (attribute.Name, attribute.G);
            foreach (var graph in attribute.Graphs) yield return (attribute.Name, graph);
        }
    }

    /// <summary>Sets an integer.</summary>
    public static NodeProto With(this NodeProto node, string name, long value) => node.Put(new AttributeProto { Name = name, Type = AttributeType.Int, I = value });

    /// <summary>Sets a real.</summary>
    public static NodeProto With(this NodeProto node, string name, float value) => node.Put(new AttributeProto { Name = name, Type = AttributeType.Float, F = value });

    /// <summary>Sets a text.</summary>
    public static NodeProto With(this NodeProto node, string name, string value) =>
        node.Put(new AttributeProto { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    /// <summary>Sets a tensor.</summary>
    public static NodeProto With(this NodeProto node, string name, TensorProto value) => node.Put(new AttributeProto { Name = name, Type = AttributeType.Tensor, T = value });

    /// <summary>Sets a list of integers.</summary>
    public static NodeProto With(this NodeProto node, string name, ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        foreach (long value in values) attribute.Ints.Add(value);
        return node.Put(attribute);
    }

    /// <summary>Sets a list of reals.</summary>
    public static NodeProto With(this NodeProto node, string name, ReadOnlySpan<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Floats };
        foreach (float value in values) attribute.Floats.Add(value);
        return node.Put(attribute);
    }

    /// <summary>Removes an attribute if it is there.</summary>
    public static NodeProto Without(this NodeProto node, string name)
    {
        if (node.Attribute(name) is { } attribute) node.Attribute.Remove(attribute);
        return node;
    }

    private static NodeProto Put(this NodeProto node, AttributeProto attribute)
    {
        node.Without(attribute.Name);
        node.Attribute.Add(attribute);
        return node;
    }
}
