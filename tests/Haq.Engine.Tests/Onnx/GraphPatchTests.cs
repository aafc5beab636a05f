using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class GraphPatchTests
{
    [Fact]
    public void A_node_is_inserted_between_a_tensor_and_its_readers()
    {
        var model = Chain();
        var first = model.Graph.Node[0];
        var patch = new GraphPatch(model, "test");
        string clipped = patch.FreshName("h");
        Assert.Equal("h_1", clipped);
        patch.Add(OnnxNode.Of(OpNames.Clip, ["h"], [clipped], "clip")).Rewire("h", clipped).Apply();
        Assert.Equal(["Relu", "Clip", "Sigmoid", "Add"], model.Graph.Node.Select(n => n.OpType));
        Assert.Equal("h", model.Graph.Node[1].Input[0]);
        Assert.Equal(clipped, model.Graph.Node[2].Input[0]);
        Assert.Equal([clipped, "s"], model.Graph.Node[3].Input);
        Assert.Same(first, model.Graph.Node[0]);
    }

    [Fact]
    public void A_refused_patch_changes_nothing()
    {
        var model = Chain();
        byte[] before = model.ToBytes();
        var dangling = new GraphPatch(model, "test").Remove(model.Graph.Node[0]);
        Assert.Contains("'h'", Assert.Throws<HaqException>(dangling.Apply).Message);
        var twice = new GraphPatch(model, "test").Add(OnnxNode.Of(OpNames.Relu, ["x"], ["s"], "again"));
        Assert.Contains("'s'", Assert.Throws<HaqException>(twice.Apply).Message);
        var circle = new GraphPatch(model, "test").Add(OnnxNode.Of(OpNames.Relu, ["y"], ["z"], "back")).Rewire("h", "z");
        Assert.Contains("cycle", Assert.Throws<HaqException>(circle.Apply).Message);
        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void Bodies_are_rewired_unless_they_have_their_own_tensor_of_that_name()
    {
        var model = Chain();
        var body = new GraphProto { Name = "then", Output = { new ValueInfoProto { Name = "t" } }, Node = { OnnxNode.Of(OpNames.Neg, ["h"], ["t"]) } };
        var shadow = new GraphProto { Name = "else", Output = { new ValueInfoProto { Name = "t" } }, Node = { OnnxNode.Of(OpNames.Exp, ["x"], ["h"]), OnnxNode.Of(OpNames.Neg, ["h"], ["t"]) } };
        var branch = OnnxNode.Of(OpNames.If, ["c"], ["i"], "if");
        branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = body });
        branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = shadow });
        model.Graph.Node.Add(branch);
        model.Graph.Initializer.Add(TensorData.Scalar("c", DataType.Bool, 1));
        Assert.Contains(branch, new GraphView(model).ConsumersOf("h"), ReferenceEqualityComparer.Instance);
        new GraphPatch(model, "test").Add(OnnxNode.Of(OpNames.Identity, ["h"], ["h2"], "copy")).Rewire("h", "h2").Apply();
        var (_, then) = branch.Bodies().First();
        var (_, otherwise) = branch.Bodies().Last();
        Assert.Equal("h2", then.Node[0].Input[0]);
        Assert.Equal("h", otherwise.Node[1].Input[0]);
    }

    [Fact]
    public void Nodes_out_of_order_are_ordered_and_the_file_order_is_kept_where_it_is_one()
    {
        var model = Chain();
        var view = new GraphView(model);
        Assert.Equal(model.Graph.Node, view.Order);
        var last = model.Graph.Node[2];
        model.Graph.Node.RemoveAt(2);
        model.Graph.Node.Insert(0, last);
        Assert.Equal(["Relu", "Sigmoid", "Add"], new GraphView(model).Order.Select(n => n.OpType));
    }

    [Fact]
    public void Names_are_unique_and_do_not_depend_on_the_order()
    {
        NodeProto[] nodes = [OnnxNode.Of("Relu", ["a"], ["b"]), OnnxNode.Of("Relu", ["b"], ["c"], "same"), OnnxNode.Of("Relu", ["c"], ["d"], "same"), OnnxNode.Of("Relu", ["d"], ["e"], "own")];
        Assert.Equal(["Relu:b", "same:c", "same:d", "own"], NodeNames.For(nodes));
        Array.Reverse(nodes);
        Assert.Equal(["own", "same:d", "same:c", "Relu:b"], NodeNames.For(nodes));
    }

    [Fact]
    public void Constants_are_found_in_every_form()
    {
        var model = TinyModel.Of(
            13, ("x", [2]), [],
            OnnxNode.Of(OpNames.Constant, [], ["i"]).With("value_int", 3), OnnxNode.Of(OpNames.Constant, [], ["is"]).With("value_ints", [1L, 2]),
            OnnxNode.Of(OpNames.Constant, [], ["f"]).With("value_float", 0.5f), OnnxNode.Of(OpNames.Constant, [], ["fs"]).With("value_floats", [1f, 2]),
            OnnxNode.Of(OpNames.Constant, [], ["t"]).With("value", TensorData.Of("other name", [2], [7f, 8])), OnnxNode.Of(OpNames.Add, ["x", "t"], ["y"]));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Dims = { 2, 2 }, Values = TensorData.Of("sp", [2], [5f, 6]), Indices = TensorData.Of("", [2, 2], [0L, 1, 1, 0]) });
        var view = new GraphView(model);
        Assert.Equal([3L], view.Longs("i")!);
        Assert.Equal([1L, 2], view.Longs("is")!);
        Assert.Equal([0.5f], view.Floats("f")!);
        Assert.Equal([1f, 2], view.Floats("fs")!);
        Assert.Equal([7f, 8], view.Floats("t")!);
        Assert.Equal([0f, 5, 6, 0], view.Floats("sp")!);
        Assert.Null(view.Floats("x"));
    }

    private static OnnxModel Chain() => TinyModel.Of(
        13, ("x", [4]), [],
        OnnxNode.Of(OpNames.Relu, ["x"], ["h"], "relu"), OnnxNode.Of(OpNames.Sigmoid, ["h"], ["s"], "sigmoid"), OnnxNode.Of(OpNames.Add, ["h", "s"], ["y"], "sum"));
}
