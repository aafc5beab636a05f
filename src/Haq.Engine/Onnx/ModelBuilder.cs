using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Onnx;

/// <summary>Writes a new model node by node, in execution order, where shapes need not be known; or puts more nodes into a copy of one. Not safe for concurrent use.</summary>
public sealed class ModelBuilder
{
    private readonly OnnxModel _model;

    /// <summary>A model without nodes.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="opset">The version of the standard operator set.</param>
    /// <param name="irVersion">The version of the form of the file.</param>
    public ModelBuilder(string name, long opset, long irVersion = 10)
    {
        _model = new OnnxModel(new ModelProto { IrVersion = irVersion, ProducerName = "Haq.Build", Graph = new GraphProto { Name = name } }, name);
        Import("", opset);
    }

    private ModelBuilder(OnnxModel model) => _model = model;

    /// <summary>Goes on with a copy of a model: what is added is at its end.</summary>
    public static ModelBuilder From(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ModelBuilder(model.Clone());
    }

    /// <summary>A part of a model as a model: some of its nodes, with the constants that they read, its functions and its operator sets.</summary>
    /// <param name="model">The whole.</param>
    /// <param name="nodes">In execution order; copied.</param>
    public static ModelBuilder PartOf(OnnxModel model, IEnumerable<NodeProto> nodes)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new GraphProto { Name = model.Graph.Name };
        graph.Node.AddRange(nodes.Select(n => n.Clone()));
        var read = graph.Node.SelectMany(GraphView.InputsOf).ToHashSet(StringComparer.Ordinal);
        graph.Initializer.AddRange(model.Graph.Initializer.Where(t => read.Contains(t.Name)));
        graph.SparseInitializer.AddRange(model.Graph.SparseInitializer.Where(t => t.Values is not null && read.Contains(t.Values.Name)));
        // Before 4 every constant had to be an input, too.
        var proto = new ModelProto { IrVersion = Math.Max(4, model.Proto.IrVersion), Graph = graph };
        proto.OpsetImport.AddRange(model.Proto.OpsetImport);
        proto.Functions.AddRange(model.Proto.Functions);
        return new ModelBuilder(new OnnxModel(proto, model.Name, model.External.Folder));
    }

    /// <summary>Says which version of an operator set the nodes are of.</summary>
    public ModelBuilder Import(string domain, long version)
    {
        _model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return this;
    }

    /// <summary>Adds a constant.</summary>
    public ModelBuilder Constant(TensorProto tensor)
    {
        _model.Graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>Adds a node.</summary>
    public ModelBuilder Node(NodeProto node)
    {
        _model.Graph.Node.Add(node);
        return this;
    }

    /// <summary>Declares an input.</summary>
    public ModelBuilder Input(ValueInfoProto value)
    {
        _model.Graph.Input.Add(value);
        return this;
    }

    /// <summary>Declares an input of any shape, or of one whose negative extents are free.</summary>
    public ModelBuilder Input(string name, DataType type, params long[]? shape) => Input(Value(name, type, shape));

    /// <summary>Declares an output.</summary>
    public ModelBuilder Output(ValueInfoProto value)
    {
        _model.Graph.Output.Add(value);
        return this;
    }

    /// <summary>Declares an output of any shape, or of one whose negative extents are free.</summary>
    public ModelBuilder Output(string name, DataType type, params long[]? shape) => Output(Value(name, type, shape));

    /// <summary>Makes tensors outputs, each once and in that order; their types are left to who reads the model.</summary>
    public ModelBuilder Show(IEnumerable<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var known = _model.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string tensor in tensors)
            if (known.Add(tensor)) _model.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        return this;
    }

    /// <summary>Takes outputs away; what makes them stays.</summary>
    public ModelBuilder Hide(IEnumerable<string> outputs)
    {
        var hidden = outputs.ToHashSet(StringComparer.Ordinal);
        foreach (var output in _model.Graph.Output.Where(o => hidden.Contains(o.Name)).ToArray()) _model.Graph.Output.Remove(output);
        return this;
    }

    /// <summary>Makes these tensors the only outputs.</summary>
    public ModelBuilder ShowOnly(IEnumerable<string> tensors)
    {
        _model.Graph.Output.Clear();
        return Show(tensors);
    }

    /// <summary>The model.</summary>
    public OnnxModel Build() => _model;

    /// <summary>A value's name, type and shape: null for any, negative extents for free ones.</summary>
    public static ValueInfoProto Value(string name, DataType type, long[]? shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(shape.Select(extent => extent < 0 ? new TensorShapeProto.Types.Dimension() : new TensorShapeProto.Types.Dimension { DimValue = extent }));
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
