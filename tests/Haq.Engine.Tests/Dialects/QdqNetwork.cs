using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Dialects;

/// <summary>A small network in QDQ form, written by hand: x → pair → Conv → Relu → pair → y. Each test changes one thing.</summary>
internal sealed class QdqNetwork
{
    private GraphProto _graph = new();

    public DataType Activation { get; init; } = DataType.Uint8;

    public int ZeroPoint { get; init; } = 128;

    public float Scale { get; init; } = 0.1f;

    public DataType Weight { get; init; } = DataType.Int8;

    public bool PerChannel { get; init; } = true;

    public int WeightAxis { get; init; }

    public int WeightZeroPoint { get; init; }

    public float WeightScale { get; init; } = 0.02f;

    public DataType? Bias { get; init; } = DataType.Int32;

    public float? BiasScale { get; init; }

    public bool HasOutputPair { get; init; } = true;

    public bool WritesAttributes { get; init; } = true;

    public int Opset { get; init; } = 21;

    public long Batch { get; init; } = 1;

    /// <summary>What stands in place of the Relu; null for nothing.</summary>
    public NodeProto? Behind { get; init; } = OnnxNode.Of(OpNames.Relu, ["c"], ["r"], "relu");

    public OnnxModel Build()
    {
        _graph = new GraphProto { Name = "hand-made" };
        _graph.Input.Add(Value("x", Batch, 2, 4, 4));
        _graph.Output.Add(Value("y", Batch, 2, 2, 2));
        string read = Pair("x", "x", Activation, ZeroPoint, Scale);
        int channels = PerChannel ? 2 : 1;
        long[] steps = PerChannel ? [channels] : [];
        Put("w.q", Weight, [2, 2, 3, 3], Enumerable.Repeat(1L, 36));
        _graph.Initializer.Add(TensorData.Of("w.s", steps, Enumerable.Repeat(WeightScale, channels).ToArray()));
        Put("w.z", Weight, steps, Enumerable.Repeat((long)WeightZeroPoint, channels));
        var stored = OnnxNode.Of(OpNames.DequantizeLinear, ["w.q", "w.s", "w.z"], ["w"], "w.DequantizeLinear");
        if (PerChannel) stored.With("axis", WeightAxis);
        _graph.Node.Add(stored);
        if (Bias is { } bias)
        {
            Put("b.q", bias, [2], [3, -4]);
            _graph.Initializer.Add(TensorData.Of("b.s", steps, Enumerable.Repeat(BiasScale ?? Scale * WeightScale, channels).ToArray()));
            var dequantize = OnnxNode.Of(OpNames.DequantizeLinear, ["b.q", "b.s"], ["b"], "b.DequantizeLinear");
            if (PerChannel) dequantize.With("axis", 0);
            _graph.Node.Add(dequantize);
        }
        else
        {
            _graph.Initializer.Add(TensorData.Of("b", [2], [0.5f, -0.5f]));
        }

        var conv = OnnxNode.Of(OpNames.Conv, [read, "w", "b"], ["c"], "conv");
        if (WritesAttributes)
        {
            conv.With("kernel_shape", (ReadOnlySpan<long>)[3, 3]).With("strides", (ReadOnlySpan<long>)[1, 1]).With("pads",
            (ReadOnlySpan<long>)[0, 0, 0, 0]).With("dilations", (ReadOnlySpan<long>)[1, 1]).With("group", 1L);
        }

        _graph.Node.Add(conv);
        if (Behind is not null) _graph.Node.Add(Behind.Clone());
        string made = Behind?.Output[0] ?? "c";
        if (HasOutputPair) Pair(made, "y", Activation, ZeroPoint, Scale, "y");
        else if (made != "y") _graph.Node.Add(OnnxNode.Of(OpNames.Identity, [made], ["y"], "out"));
        return Model();
    }

    private OnnxModel Model()
    {
        var proto = new ModelProto { IrVersion = 10, Graph = _graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        return new OnnxModel(proto, "hand-made.onnx");
    }

    private string Pair(string tensor, string stem, DataType type, int zero, float scale, string? result = null)
    {
        _graph.Initializer.Add(TensorData.Scalar($"{stem}.s", scale));
        Put($"{stem}.z", type, [], [zero]);
        _graph.Node.Add(OnnxNode.Of(OpNames.QuantizeLinear, [tensor, $"{stem}.s", $"{stem}.z"], [$"{stem}.q"], $"{stem}.QuantizeLinear"));
        _graph.Node.Add(OnnxNode.Of(OpNames.DequantizeLinear, [$"{stem}.q", $"{stem}.s", $"{stem}.z"], [result ?? $"{stem}.d"], $"{stem}.DequantizeLinear"));
        return result ?? $"{stem}.d";
    }

    private void Put(string name, DataType type, long[] dims, IEnumerable<long> values) => _graph.Initializer.Add(TensorData.Of(name, type, dims, values.ToArray()));

    private static ValueInfoProto Value(string name, params long[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (long dim in dims) shape.Dim.Add(dim > 0 ? new TensorShapeProto.Types.Dimension { DimValue = dim } : new TensorShapeProto.Types.Dimension { DimParam = "n" });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }
}
