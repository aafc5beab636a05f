using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Runtime;

public sealed class OrtSessionTests
{
    [Fact]
    public void A_bound_session_computes_in_place_and_allocates_nothing()
    {
        using var session = new OrtSession(Doubling());
        using var x = OrtTensor.Of<float>([1, 2, 3], 3);
        using var y = OrtTensor.Zeros(DataType.Float, 3);
        using var binding = session.Bind().Input("x", x).Output("y", y);
        binding.Run();
        Assert.Equal([2f, 4, 6], y.Values<float>().ToArray());
        x.Values<float>()[0] = 5;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) binding.Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10, y.Values<float>()[0]);
    }

    [Fact]
    public void Results_of_unknown_shape_are_returned()
    {
        using var session = new OrtSession(Doubling());
        using var x = OrtTensor.Of<float>([1, 2], 2);
        var results = session.Run(new Dictionary<string, OrtTensor> { ["x"] = x });
        Assert.Equal([2f, 4], results[0].Values<float>().ToArray());
        Assert.Equal([2L], results[0].Shape);
        results[0].Dispose();
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_refused_by_name()
    {
        var model = Doubling();
        model.Graph.Node[0].OpType = "Doubly";
        var error = Assert.Throws<HaqException>(() => new OrtSession(model));
        Assert.Equal(DiagnosticCatalog.RuntimeRefused, error.Diagnostic.Descriptor);
        Assert.Contains("Doubly", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_failing_run_names_the_operator()
    {
        using var session = new OrtSession(Doubling());
        using var x = OrtTensor.Of<float>([1, 2], 2);
        using var y = OrtTensor.Zeros(DataType.Float, 3);
        using var binding = session.Bind().Input("x", x).Output("y", y);
        var error = Assert.Throws<HaqException>(() => binding.Run());
        Assert.Equal(DiagnosticCatalog.RuntimeFailed, error.Diagnostic.Descriptor);
        Assert.Contains("Add", error.Message);
    }

    private static OnnxModel Doubling()
    {
        var type = new TypeProto { TensorType = new() { ElemType = 1, Shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "n" } } } } };
        var graph = new GraphProto { Name = "g" };
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = type });
        graph.Node.Add(OnnxNode.Of(OpNames.Add, ["x", "x"], ["y"], "twice"));
        var proto = new ModelProto { IrVersion = 8, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = 13 });
        return new OnnxModel(proto, "doubling.onnx");
    }
}
