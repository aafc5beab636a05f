using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Onnx;

/// <summary>What a patch does to nodes that are there: they keep their identity, and nothing happens before it is applied.</summary>
public sealed class GraphPatchVerbTests
{
    private static OnnxModel Chain() => new ModelBuilder("chain", 17)
        .Input("x", DataType.Float, 2)
        .Node(OnnxNode.Of("Relu", ["x"], ["a"], "first"))
        .Node(OnnxNode.Of("Neg", ["a"], ["y"], "second"))
        .Output("y", DataType.Float, 2)
        .Build();

    [Fact]
    public void A_node_reads_and_writes_what_it_is_told_once_the_patch_is_applied()
    {
        var model = Chain();
        var (first, second) = (model.Graph.Node[0], model.Graph.Node[1]);
        var patch = new GraphPatch(model, "test").Write(first, "a", "b").Add(OnnxNode.Of("Abs", ["b"], ["c"], "between"), second).Read(second, 0, "c");
        Assert.Equal("a", first.Output[0]);
        Assert.Equal("c", patch.InputOf(second, 0));
        patch.Apply();
        Assert.Equal(["first", "between", "second"], model.Graph.Node.Select(n => n.Name));
        Assert.Same(first, model.Graph.Node[0]);
        Assert.Same(second, model.Graph.Node[2]);
        Assert.Equal(("b", "c"), (first.Output[0], second.Input[0]));
    }

    [Fact]
    public void What_is_refused_leaves_the_nodes_as_they_were()
    {
        var model = Chain();
        var patch = new GraphPatch(model, "test").Read(model.Graph.Node[1], 0, "nowhere");
        Assert.Contains("'test'", Assert.Throws<HaqException>(patch.Apply).Message, StringComparison.Ordinal);
        Assert.Equal("a", model.Graph.Node[1].Input[0]);
    }

    [Fact]
    public void A_placeholder_may_be_read_before_its_constant_is_there()
    {
        var model = Chain();
        new GraphPatch(model, "test").Read(model.Graph.Node[1], 0, "later").Placeholder("later").Apply();
        Assert.Equal("later", model.Graph.Node[1].Input[0]);
        Assert.Equal(["x"], model.Graph.Input.Select(i => i.Name));
    }

    [Fact]
    public void What_is_put_behind_a_node_may_have_nodes_before_it()
    {
        var model = Chain();
        var first = model.Graph.Node[0];
        var added = OnnxNode.Of("Add", ["b", "c"], ["a"], "sum");
        new GraphPatch(model, "test").Write(first, "a", "b").AddBehind(first, added).Add(OnnxNode.Of("Neg", ["x"], ["c"], "other"), added).Import("other", 3).Apply();
        Assert.Equal(["first", "other", "sum", "second"], model.Graph.Node.Select(n => n.Name));
        Assert.Equal(3, model.Proto.OpsetImport.Single(i => i.Domain == "other").Version);
    }

    [Fact]
    public void A_part_of_a_model_has_the_constants_that_its_nodes_read()
    {
        var model = ModelBuilder.From(Chain()).Constant(TensorData.Of("w", [2], [1f, 2f])).Constant(TensorData.Of("unread", [1], [0f])).Node(OnnxNode.Of("Mul", ["y", "w"], ["z"], "third")).Build();
        var part = ModelBuilder.PartOf(model, [model.Graph.Node[2]]).Input("y", DataType.Float, 2).Show(["z", "z"]).Build();
        Assert.Equal(["w"], part.Graph.Initializer.Select(t => t.Name));
        Assert.Equal(["z"], part.Graph.Output.Select(o => o.Name));
        Assert.NotSame(model.Graph.Node[2], part.Graph.Node[0]);
    }
}
