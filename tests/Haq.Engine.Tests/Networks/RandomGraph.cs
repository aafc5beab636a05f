using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>Writes a graph of random choices. Every number comes from the seed.</summary>
internal sealed class RandomGraph(SeededRandom random)
{
    private readonly GraphProto _graph = new() { Name = "random" };
    private int _count;

    /// <summary>A number below <paramref name="bound"/>.</summary>
    public int Pick(int bound) => random.Next(bound);

    /// <summary>One of several.</summary>
    public T Among<T>(params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    /// <summary>Happens once in so many times.</summary>
    public bool Once(int times) => random.Next(times) == 0;

    public string Input(params long[] shape)
    {
        string name = $"x{_graph.Input.Count}";
        _graph.Input.Add(TinyModel.Value(name, shape));
        return name;
    }

    /// <summary>A constant around <paramref name="mean"/>.</summary>
    public string Constant(long[] shape, double deviation, double mean = 0)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(mean + deviation * random.NextNormal());
        return Put(TensorData.Of($"c{_count++}", shape, values));
    }

    /// <summary>Weights whose output has about the size of the input; now and then a channel of zeros, or one that is much larger.</summary>
    public string Weights(long[] shape, int channelAxis, long fanIn)
    {
        long inner = shape.Skip(channelAxis + 1).Aggregate(1L, (a, b) => a * b), channels = shape[channelAxis];
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        long odd = Once(4) ? Pick((int)channels) : -1;
        float factor = Among(0f, 0.01f, 20f);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.NextNormal() * Math.Sqrt(1.5 / fanIn));
            if (i / inner % channels == odd) values[i] *= factor;
        }
        return Put(TensorData.Of($"w{_count++}", shape, values));
    }

    public string Longs(params long[] values) => Put(TensorData.Of($"i{_count++}", [values.Length], values.AsSpan()));

    public string Scalar(float value) => Put(TensorData.Scalar($"s{_count++}", value));

    public string Node(string op, string[] inputs, Action<NodeProto>? attributes = null)
    {
        string name = $"t{_count++}";
        var node = OnnxNode.Of(op, inputs, [name], Once(8) ? "" : $"{op}_{name}");
        attributes?.Invoke(node);
        _graph.Node.Add(node);
        return name;
    }

    /// <summary>The model that computes <paramref name="outputs"/>.</summary>
    public OnnxModel Model(int opset, params string[] outputs)
    {
        foreach (string output in outputs) _graph.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } } });
        var proto = new ModelProto { IrVersion = 8, Graph = _graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return new OnnxModel(proto, "random.onnx");
    }

    /// <summary>One of the usual activations, as it is or written out in simpler operators.</summary>
    public string Activation(string x) => Pick(11) switch
    {
        0 or 1 or 2 => Node(OpNames.Relu, [x]),
        3 => Node(OpNames.Clip, [x, Scalar(0), Scalar(6)]),
        4 => Node(OpNames.LeakyRelu, [x], n => n.With("alpha", 0.1f)),
        5 => Node(OpNames.Mul, [x, Node("Sigmoid", [x])]),
        6 => Node("Tanh", [x]),
        7 => Node("HardSwish", [x]),
        8 => Node(OpNames.Relu, [Node(OpNames.Relu, [x])]),
        9 => Node("Elu", [x]),
        _ => x,
    };

    private string Put(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}
