using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Quantization.Export;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Quantization.Regions;

/// <summary>The forms of products and tables in stock ONNX Runtime: each becomes the kernel that it is meant for, and computes what its numbers say.</summary>
public sealed class ProductFormsTests
{
    private static readonly SessionSettings s_stock = new() { Threads = 1, MatMulNBitsAccuracy = 4 };

    [Fact]
    public void Products_of_one_tensor_share_its_step_and_a_single_one_takes_it_in()
    {
        var (model, quantizer) = Of(SmallNetworks.Products());
        var graph = OptimizedGraph.Of(Export(model, quantizer, UnitForm.Dynamic), s_stock);
        Assert.Single(graph.Node, n => n.OpType == "DynamicQuantizeLinear");
        Assert.Equal(2, graph.Node.Count(n => n.OpType == "MatMulIntegerToFloat"));
        Assert.Single(graph.Node, n => n.OpType == "DynamicQuantizeMatMul");
        // Biases are part of the kernels.
        Assert.DoesNotContain(graph.Node, n => n.OpType is OpNames.MatMul or OpNames.Gemm or OpNames.Cast);
    }

    [Fact]
    public void A_dynamic_product_computes_the_integers_that_its_step_gives()
    {
        var (model, quantizer) = Of(SmallNetworks.Products());
        var map = model.Regions!;
        int unit = map.Units.ToList().FindIndex(u => u.Name == "query");
        var plan = map.AllFloat.With(unit, UnitForm.Dynamic);
        float[] x = Sample(7), y = Run(QdqExporter.Export(quantizer.Quantize(plan), forProcessor: true), x, "q");
        // DynamicQuantizeLinear as the ONNX specification has it: zero is within the range, 255 steps.
        float low = Math.Min(0, x.Min()), high = Math.Max(0, x.Max()), step = (high - low) / 255;
        double zero = Math.Clamp(Math.Round(-low / step, MidpointRounding.ToEven), 0, 255);
        int[] input = [.. x.Select(v => (int)(Math.Clamp(Math.Round(v / step, MidpointRounding.ToEven) + zero, 0, 255) - zero))];
        var layer = quantizer.Quantize(plan).Layers.Single(l => l.Found.Name == "query");
        Assert.True(layer.IsDynamic && layer.Activation is null);
        float[] bias = layer.Bias is { } own ? [.. own.Values] : model.View.Floats("query.bias")!;
        for (int row = 0; row < SmallNetworks.ProductRows; row++)
        {
            for (int c = 0; c < 32; c++)
            {
                long sum = 0;
                for (int k = 0; k < 64; k++) sum += input[row * 64 + k] * (long)layer.Weights!.Values[k * 32 + c];
                Assert.Equal(sum * (double)step * layer.Weights!.Scales[c] + bias[c], y[row * 32 + c], 2e-4);
            }
        }
    }

    [Theory]
    [InlineData(UnitForm.Blocks8, 0.999)]
    [InlineData(UnitForm.Blocks4, 0.98)]
    public void Blocks_of_weights_become_products_of_their_own_kernel(UnitForm form, double cosine)
    {
        var (model, quantizer) = Of(SmallNetworks.Products());
        var exported = Export(model, quantizer, form);
        var graph = OptimizedGraph.Of(exported, s_stock);
        Assert.Equal(3, graph.Node.Count(n => n.OpType == "MatMulNBits"));
        Assert.All(graph.Node.Where(n => n.OpType == "MatMulNBits"), n => Assert.Equal(4, n.Int("accuracy_level", 0)));
        Assert.DoesNotContain(graph.Node, n => n.OpType == OpNames.DequantizeLinear);
        float[] x = Sample(8);
        Assert.True(Cosine(Run(model.Float, x, "y"), Run(exported, x, "y")) > cosine);
    }

    [Theory]
    [InlineData(UnitForm.Rows8, "Gather")]
    [InlineData(UnitForm.Rows4, "GatherBlockQuantized")]
    public void Rows_of_tables_are_the_numbers_that_their_integers_stand_for(UnitForm form, string op)
    {
        var model = QuantizableModel.Prepare(SmallNetworks.Tokens(), new PreparationOptions { Regions = true });
        var quantizer = QuantizerOf(model, new RandomDataset(model.View, model.Shapes, 16));
        var map = model.Regions!;
        int unit = map.Units.ToList().FindIndex(u => u.Table is not null);
        var plan = map.AllFloat.With(unit, form);
        var exported = QdqExporter.Export(quantizer.Quantize(plan), forProcessor: true);
        Assert.Contains(OptimizedGraph.Of(exported, s_stock).Node, n => n.OpType == op);
        float[] values = quantizer.Quantize(plan).Tables.Single().Dequantize(), real = model.View.Floats("table")!;
        long[] tokens = [3, 0, 39, 7, 7, 21];
        using var session = new OrtSession(WithOutput(exported, "looked_up"), s_stock);
        using var input = OrtTensor.Of<long>(tokens, 1, 6);
        float[] rows = session.Run(new Dictionary<string, OrtTensor> { ["tokens"] = input }, ["looked_up"])[0].ToFloats();
        Assert.Equal([.. tokens.SelectMany(t => values.Skip((int)t * 64).Take(64))], rows);
        Assert.True(Cosine(values, real) > (form == UnitForm.Rows8 ? 0.9999 : 0.99));
        Assert.NotEqual(values, real);
    }

    [Fact]
    public void A_form_is_offered_where_it_exists()
    {
        var map = Of(SmallNetworks.Products()).Model.Regions!;
        Assert.All(map.Units.Where(u => u.Layer is not null), u => Assert.True(u.Has(UnitForm.Dynamic) && u.Has(UnitForm.Blocks4) && !u.Has(UnitForm.Rows8)));
        var residual = QuantizableModel.Prepare(SmallNetworks.Residual(), new PreparationOptions { Regions = true }).Regions!;
        Assert.False(residual.Units[0].Has(UnitForm.Dynamic));
        // Twelve rows are less than a block.
        Assert.True(residual.Units[^1].Has(UnitForm.Dynamic) && !residual.Units[^1].Has(UnitForm.Blocks8));
    }

    private static OnnxModel Export(QuantizableModel model, RegionQuantizer quantizer, UnitForm form) =>
        QdqExporter.Export(quantizer.Quantize(new RegionPlan([.. model.Regions!.Units.Select(u => u.Has(form) ? form : UnitForm.Float)])), forProcessor: true);

    private static (QuantizableModel Model, RegionQuantizer Quantizer) Of(OnnxModel network)
    {
        var model = QuantizableModel.Prepare(network, new PreparationOptions { Regions = true });
        return (model, QuantizerOf(model, new ArrayDataset("x", [SmallNetworks.ProductRows, 64], [.. Enumerable.Range(0, 32).SelectMany(Sample)])));
    }

    private static RegionQuantizer QuantizerOf(QuantizableModel model, IDataset data)
    {
        using (data)
            return new RegionQuantizer(new PostTrainingQuantizer(model, new Calibrator(model).Run(data)), model.Regions!, [.. model.Layers.Select(_ => new LayerBits(8, 8))]);
    }

    private static float[] Sample(int seed)
    {
        var random = new SeededRandom((ulong)seed + 50);
        return [.. Enumerable.Range(0, SmallNetworks.ProductRows * 64).Select(_ => (float)random.NextNormal() + 0.3f)];
    }

    private static float[] Run(OnnxModel model, float[] x, string output)
    {
        using var session = new OrtSession(WithOutput(model, output), s_stock);
        using var input = OrtTensor.Of<float>(x, 1, SmallNetworks.ProductRows, 64);
        return session.Run(new Dictionary<string, OrtTensor> { ["x"] = input }, [output])[0].ToFloats();
    }

    private static OnnxModel WithOutput(OnnxModel model, string tensor)
    {
        var copy = model.Clone();
        if (!copy.Graph.Output.Any(o =>
            o.Name == tensor))
        {
            copy.Graph.Output.Add(
            new ValueInfoProto { Name = tensor, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        }

        return copy;
    }

    private static double Cosine(float[] a, float[] b)
    {
        double dot = 0, one = 0, two = 0;
        for (int i = 0; i < a.Length; i++) (dot, one, two) = (dot + a[i] * (double)b[i], one + a[i] * (double)a[i], two + b[i] * (double)b[i]);
        return dot / Math.Sqrt(one * two);
    }
}
