using Haq.Engine.Onnx;
using Haq.Engine.Tests.Zoo;
using Onnx;

namespace Haq.Engine.Tests.Networks;

/// <summary>A network that another tool quantized all but for one layer: that layer is quantized, and a default session computes what the file says.</summary>
public sealed class ForeignQuantizedTests(ITestOutputHelper output)
{
    private const string Model = "models/mlperftiny_kws_dscnn_int8_qdq.onnx";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    public void The_layer_that_was_left_in_float_joins_the_others(int layer)
    {
        var model = OnnxModel.Load(Shared.File(Model));
        var node = new GraphView(model).Order.Where(n => n.Is(OpNames.Conv) || n.Is(OpNames.Gemm)).ElementAt(layer);
        PutInFloat(model, node);
        var outcome = NetworkTrial.Run(model, (ready, seed) => new RandomDataset(ready.View, ready.Shapes, 32, seed, new Dictionary<string, double[]> { ["input"] = [0, 40] }));
        output.WriteLine($"{node.Name}: {outcome}");
        Assert.Null(outcome.Refusal);
        Assert.Equal(1, outcome.Layers);
        Assert.False(outcome.IsFault, outcome.ToString());
        Assert.False(outcome.IsChanged, outcome.ToString());
        Assert.False(outcome.IsNoisy, outcome.ToString());
    }

    // Its weights as the real numbers that they stand for.
    private static void PutInFloat(OnnxModel model, NodeProto node)
    {
        var view = new GraphView(model);
        var dequantize = view.ProducerOf(node.Input[1])!;
        var (integers, scales) = (view.Longs(dequantize.Input[0])!, view.Floats(dequantize.Input[1])!);
        long[] zeros = view.Longs(dequantize.Input[2])!, dims = TensorData.Dims(view.ConstantOf(dequantize.Input[0])!);
        long axis = scales.Length == 1 ? 0 : dequantize.Int("axis", 1), inner = dims.Skip((int)axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] values = new float[integers.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long channel = scales.Length == 1 ? 0 : i / inner % dims[axis];
            values[i] = (integers[i] - zeros[channel]) * scales[channel];
        }
        var patch = new GraphPatch(model, "one layer in float");
        patch.Put(TensorData.Of("real.weights", dims, values));
        patch.Read(node, 1, "real.weights");
        patch.Apply();
    }
}
