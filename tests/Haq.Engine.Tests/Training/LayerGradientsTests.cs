using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Training;
using Onnx;

namespace Haq.Engine.Tests.Training;

public sealed class LayerGradientsTests
{
    [Fact]
    public void What_bodies_read_from_outside_is_there()
    {
        var then = new GraphProto { Name = "then" };
        then.Node.Add(OnnxNode.Of(OpNames.MatMul, ["h", "inner"], ["t"]));
        then.Output.Add(TinyModel.Value("t", -1, 4));
        var other = new GraphProto { Name = "else" };
        other.Node.Add(OnnxNode.Of(OpNames.Identity, ["h"], ["e"]));
        other.Output.Add(TinyModel.Value("e", -1, 4));
        var branch = OnnxNode.Of(OpNames.If, ["yes"], ["b"], "branch");
        branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = then });
        branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = other });
        float[] w = [.. Enumerable.Range(0, 16).Select(i => (float)Math.Sin(i))];
        var model = TinyModel.Of(
            16, ("x", [-1, 4]), [TensorData.Of("w", [4, 4], w), TensorData.Of("inner", [4, 4], w), TensorData.Of("v", [4, 4], w), TensorData.Scalar("zero", 0f)],
            OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "first"), OnnxNode.Of(OpNames.ReduceMax, ["h"], ["most"]).With("keepdims", 0),
                OnnxNode.Of(OpNames.Greater, ["most", "zero"], ["yes"]), branch,
            OnnxNode.Of(OpNames.MatMul, ["b", "v"], ["y"], "second"));
        var view = new GraphView(model);
        using var gradients = new LayerGradients(model, LayerFinder.Find(view, ShapeInference.Infer(view)).Layers, 4);
        foreach (ref float v in gradients.Input("x").Values<float>()) v = 1;
        gradients.Run(new SeededRandom(3));
        Assert.Contains(gradients.GradientOf(1).ToArray(), v => v != 0);
    }

    [Fact]
    public void A_model_of_the_oldest_operator_set_has_the_gradients_of_the_same_in_a_newer_one()
    {
        float[] w = [.. Enumerable.Range(0, 12).Select(i => (float)Math.Sin(i))];
        var old = TinyModel.Of(13, ("x", [-1, 2, 3]), [TensorData.Of("w", [3, 4], w), TensorData.Of("v", [4, 3], w)],
            OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "first"), OnnxNode.Of("ReduceMean", ["h"], ["m"], "mean").With("axes", [1L]).With("keepdims", 0L),
            OnnxNode.Of(OpNames.MatMul, ["m", "v"], ["y"], "second"));
        Assert.Equal(Gradients(OpsetUpgrade.Raise(old, 21)), Gradients(old));

        static float[] Gradients(OnnxModel model)
        {
            var view = new GraphView(model);
            using var gradients = new LayerGradients(model, LayerFinder.Find(view, ShapeInference.Infer(view)).Layers, 4);
            foreach (ref float v in gradients.Input("x").Values<float>()) v = 1;
            gradients.Run(new SeededRandom(3));
            return gradients.GradientOf(0).ToArray();
        }
    }

    [Fact]
    public void An_input_without_a_batch_is_refused_where_several_samples_are_trained_on()
    {
        var model = TinyModel.Of(
            13, ("x", [-1, 4]), [TensorData.Of("w", [4, 4], new float[16])], OnnxNode.Of(OpNames.MatMul, ["x", "w"], ["h"], "dense"), OnnxNode.Of(OpNames.Mul, ["h", "gain"], ["y"]));
        model.Graph.Input.Add(TinyModel.Value("gain"));
        var view = new GraphView(model);
        var layers = LayerFinder.Find(view, ShapeInference.Infer(view)).Layers;
        var refused = Assert.Throws<HaqException>(() => new LayerGradients(model, layers, 4)).Diagnostic;
        Assert.Equal(DiagnosticCatalog.FixedBatch, refused.Descriptor);
        Assert.Contains("'gain' is []", refused.Message, StringComparison.Ordinal);
        new LayerGradients(model, layers, 1).Dispose();
    }

    [Fact]
    public void The_last_layers_gradient_is_its_softmax_minus_a_class_drawn_from_it()
    {
        var model = Tiny();
        var view = new GraphView(model);
        var layers = LayerFinder.Find(view, ShapeInference.Infer(view)).Layers;
        using var gradients = new LayerGradients(model, layers, 512);
        foreach (ref float v in gradients.Input("x").Values<float>()) v = 1;
        gradients.Run(new SeededRandom(3));

        // All samples are alike, so the drawn classes must be as frequent as the softmax says.
        var z = gradients.OutputOf(1)[..3].ToArray();
        double[] p = [.. z.Select(v => Math.Exp(v))];
        double sum = p.Sum();
        int[] drawn = new int[3];
        var gradient = gradients.GradientOf(1);
        for (int row = 0; row < 512; row++)
        {
            for (int c = 0; c < 3; c++)
            {
                double label = p[c] / sum - gradient[row * 3 + c];
                Assert.True(Math.Abs(label) < 1e-5 || Math.Abs(label - 1) < 1e-5);
                if (label > 0.5) drawn[c]++;
            }
        }
        Assert.Equal(512, drawn.Sum());
        // Four standard deviations of a binomial of 512 draws.
        for (int c = 0; c < 3; c++) Assert.InRange(drawn[c] / 512.0, p[c] / sum - 0.09, p[c] / sum + 0.09);
        Assert.Equal([512L, 4L], gradients.ShapeOf(0));
        Assert.Contains(gradients.GradientOf(0).ToArray(), v => v != 0);
    }

    private static OnnxModel Tiny()
    {
        var graph = new GraphProto { Name = "tiny" };
        var random = new SeededRandom(1);
        graph.Initializer.Add(TensorData.Of("w1", [2, 4], [.. Enumerable.Range(0, 8).Select(_ => (float)random.NextNormal())]));
        graph.Initializer.Add(TensorData.Of("w2", [4, 3], [.. Enumerable.Range(0, 12).Select(_ => (float)random.NextNormal())]));
        graph.Node.Add(OnnxNode.Of("Gemm", ["x", "w1"], ["h"], "first"));
        graph.Node.Add(OnnxNode.Of("Tanh", ["h"], ["a"]));
        graph.Node.Add(OnnxNode.Of("Gemm", ["a", "w2"], ["z"], "second"));
        graph.Node.Add(OnnxNode.Of("Softmax", ["z"], ["p"]));
        graph.Input.Add(Described("x", -1, 2));
        graph.Output.Add(Described("p", -1, 3));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 18 });
        return new OnnxModel(model, "tiny.onnx");
    }

    private static ValueInfoProto Described(string name, params long[] extents)
    {
        var shape = new TensorShapeProto();
        foreach (long extent in extents)
            shape.Dim.Add(extent < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }
}
