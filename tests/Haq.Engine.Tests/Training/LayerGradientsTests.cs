using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Training;

public sealed class LayerGradientsTests
{
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
