using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Tests.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Onnx.Simplification;

/// <summary>Operators that change nothing are gone, and the outputs are the same to the last bit; what only looks like one stays.</summary>
public sealed class IdleOperatorsTests
{
    private static readonly TensorProto[] s_constants =
    [
        TensorData.Scalar("one", 1f), TensorData.Scalar("zero", 0f), TensorData.Scalar("two", 2f), TensorData.Of("wide", [1, 1, 1], [1f]), TensorData.Of("own", [2], [4L, 6L]),
        TensorData.Of("copied", [2], [0L, -1L]), TensorData.Of("flat", [2], [6L, 4L]), TensorData.Of("ones", [2], [1L, 1L]),
        TensorData.Of("pads", [4], [0L, 0L, 0L, 0L]), TensorData.Of("padded", [4], [0L, 1L, 0L, 0L]),
        TensorData.Of("starts", [1], [0L]), TensorData.Of("ends", [1], [long.MaxValue]), TensorData.Of("five", [1], [5L]), TensorData.Of("axis", [1], [1L]), TensorData.Of("first", [1], [0L]),
        TensorData.Of("scales", [2], [1f, 1f]), TensorData.Of("doubled", [2], [2f, 1f]), TensorData.Of("rows", [2], [1L, -1L]),
    ];

    [Theory]
    [InlineData("Identity a")]
    [InlineData("Dropout a")]
    [InlineData("Mul a one")]
    [InlineData("Mul one a")]
    [InlineData("Add zero a")]
    [InlineData("Sub a zero")]
    [InlineData("Div a one")]
    [InlineData("Reshape a own")]
    [InlineData("Reshape a copied")]
    [InlineData("Expand a ones")]
    [InlineData("Expand a own")]
    [InlineData("Slice a starts ends axis")]
    [InlineData("Pad a pads")]
    [InlineData("Concat a")]
    [InlineData("Cast a")]
    [InlineData("Transpose a")]
    [InlineData("Resize a  scales")]
    public void What_changes_nothing_goes(string node)
    {
        var model = Between(node, same: true);
        float[] x = TwoSessions.Normal(5, 24), before = TwoSessions.Plain(model, x);
        Assert.Equal(["idle"], IdleOperators.Apply(model));
        Assert.Equal([OpNames.Tanh, OpNames.Relu], model.Graph.Node.Select(n => n.OpType));
        Assert.Equal(before, TwoSessions.Plain(model, x));
    }

    [Fact]
    public void A_row_of_them_goes_whatever_stands_next_to_each_other()
    {
        var graph = new GraphProto { Name = "row" };
        graph.Input.Add(TinyModel.Value("x", 2, 3));
        graph.Output.Add([TinyModel.Value("y", 2, 3), TinyModel.Value("z", 2, 3)]);
        graph.Node.Add(OnnxNode.Of(OpNames.Relu, ["x"], ["t0"], "first"));
        for (int i = 0; i < 40; i++) graph.Node.Add(OnnxNode.Of("Identity", [$"t{i}"], [$"t{i + 1}"], $"idle{i}"));
        graph.Node.Add([OnnxNode.Of(OpNames.Tanh, ["t20"], ["y"], "middle"), OnnxNode.Of(OpNames.Sigmoid, ["t40"], ["z"], "last")]);
        var model = new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }, "m");
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"idle{i}").Order(StringComparer.Ordinal), IdleOperators.Apply(model).Order(StringComparer.Ordinal));
        Assert.Equal([OpNames.Relu, OpNames.Tanh, OpNames.Sigmoid], model.Graph.Node.Select(n => n.OpType));
        Assert.All(model.Graph.Node.Skip(1), n => Assert.Equal("t0", n.Input[0]));
    }

    [Theory]
    [InlineData("Mul a two")]
    [InlineData("Mul a wide")]
    [InlineData("Sub zero a")]
    [InlineData("Div one a")]
    [InlineData("Reshape a flat")]
    [InlineData("Slice a starts five axis")]
    [InlineData("Pad a padded")]
    [InlineData("Concat a a")]
    [InlineData("Resize a  doubled")]
    [InlineData("Transpose a")]
    public void What_changes_something_stays(string node)
    {
        var model = Between(node, same: false);
        byte[] bytes = model.ToBytes();
        Assert.Empty(IdleOperators.Apply(model));
        Assert.Equal(bytes, model.ToBytes());
    }

    [Fact]
    public void Axes_that_are_put_in_and_taken_out_go_together()
    {
        var model = TinyModel.Of(21, ("x", [4, 6]), s_constants, OnnxNode.Of(OpNames.Tanh, ["x"], ["a"], "bend"), OnnxNode.Of(OpNames.Unsqueeze, ["a", "first"], ["u"], "in"),
            OnnxNode.Of(OpNames.Squeeze, ["u", "first"], ["s"], "out"), OnnxNode.Of(OpNames.Relu, ["s"], ["y"], "relu"));
        Assert.Equal(["in"], IdleOperators.Apply(model));
        Assert.Equal([OpNames.Tanh, OpNames.Relu], model.Graph.Node.Select(n => n.OpType));
    }

    [Fact]
    public void With_an_open_batch_a_shape_that_fixes_it_stays()
    {
        // For two samples it would make one row of both.
        var model = TinyModel.Of(21, ("x", [-1, 6]), s_constants, OnnxNode.Of(OpNames.Tanh, ["x"], ["a"], "bend"), OnnxNode.Of(OpNames.Reshape, ["a", "rows"], ["y"], "row"));
        Assert.Empty(IdleOperators.Apply(model));
    }

    [Fact]
    public void A_batch_that_was_moved_to_another_axis_is_open_there_too()
    {
        // Seen as [5, 1, 6] for one sample; of two, [5, 2, 6] would become [10, 1, 6].
        var moved = TensorData.Of("rows of one", [3], (ReadOnlySpan<long>)[-1L, 1L, 6L]);
        var model = TinyModel.Of(21, ("x", [-1, 5, 6]), [moved], OnnxNode.Of(OpNames.Transpose, ["x"], ["a"], "turn").With("perm", (long[])[1, 0, 2]),
            OnnxNode.Of(OpNames.Reshape, ["a", "rows of one"], ["r"], "row"), OnnxNode.Of(OpNames.Relu, ["r"], ["y"], "relu"));
        Assert.Empty(IdleOperators.Apply(model));
    }

    [Fact]
    public void An_output_keeps_its_name()
    {
        var model = TinyModel.Of(21, ("x", [4, 6]), s_constants, OnnxNode.Of(OpNames.Tanh, ["x"], ["a"], "bend"), OnnxNode.Of(OpNames.Identity, ["a"], ["y"], "idle"));
        Assert.Equal(["idle"], IdleOperators.Apply(model));
        Assert.Equal("y", Assert.Single(model.Graph.Node).Output[0]);
        // The input itself cannot be made under another name.
        var bare = TinyModel.Of(21, ("x", [4, 6]), s_constants, OnnxNode.Of(OpNames.Identity, ["x"], ["y"], "idle"));
        Assert.Empty(IdleOperators.Apply(bare));
    }

    private static OnnxModel Between(string text, bool same)
    {
        string[] words = text.Split(' ');
        var node = OnnxNode.Of(words[0], words[1..], ["i"], "idle");
        if (words[0] == OpNames.Cast) node = node.With("to", (long)DataType.Float);
        if (words[0] == OpNames.Concat) node = node.With("axis", 1);
        if (words[0] == OpNames.Transpose) node = node.With("perm", (long[])(same ? [0, 1] : [1, 0]));
        return TinyModel.Of(21, ("x", [4, 6]), s_constants, OnnxNode.Of(OpNames.Tanh, ["x"], ["a"], "bend"), node, OnnxNode.Of(OpNames.Relu, ["i"], ["y"], "relu"));
    }
}
