using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Probing;
using Onnx;

namespace Haq.Engine.Tests.Pipeline.Probing;

/// <summary>Probes are shared by what takes the same time, and by nothing else.</summary>
public sealed class ProbeDigestTests
{
    private static readonly string s_digest = ProbeDigest.Of(Model());

    [Fact]
    public void Names_and_weights_do_not_matter()
    {
        Assert.Equal(s_digest, ProbeDigest.Of(Model(name: "z", weight: 2)));
    }

    [Fact]
    public void Factors_bounds_and_what_comes_out_matter()
    {
        string[] digests =
        [
            s_digest, ProbeDigest.Of(Model(factor: 3)), ProbeDigest.Of(Model(bound: 1)), ProbeDigest.Of(Model(extent: 12)), ProbeDigest.Of(Model(type: DataType.Float16)),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    // A convolution, enlarged and cut off above.
    private static OnnxModel Model(string name = "y", float weight = 1, float factor = 2, float bound = 6, long extent = 8, DataType type = DataType.Float)
    {
        var graph = new GraphProto { Name = "probe" };
        graph.Input.Add(Value("x", DataType.Float, 1, 1, 4, 4));
        graph.Output.Add(Value(name, type, 1, 1, extent, extent));
        graph.Initializer.Add(TensorData.Of("w", [1, 1, 1, 1], [weight]));
        graph.Initializer.Add(TensorData.Of("factors", [4], [1f, 1f, factor, factor]));
        graph.Initializer.Add(TensorData.Of("bound", [], [bound]));
        graph.Node.Add(OnnxNode.Of(OpNames.Conv, ["x", "w"], ["a"], "conv"));
        graph.Node.Add(OnnxNode.Of("Resize", ["a", "", "factors"], ["b"], "enlarge"));
        graph.Node.Add(OnnxNode.Of("Clip", ["b", "", "bound"], [name], "clip"));
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return new OnnxModel(proto, "probe.onnx");
    }

    private static ValueInfoProto Value(string name, DataType type, params long[] extents)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(extents.Select(e => new TensorShapeProto.Types.Dimension { DimValue = e }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
