using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Timing;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;

namespace Haq.Engine.Tests.Evaluation;

public sealed class LayerTimerTests
{
    private static readonly LayerTimerOptions s_quick = new() { WarmUp = 1, LeastRuns = 3, MostRuns = 3, LeastTime = TimeSpan.Zero };

    [Theory]
    [InlineData("models/cnn_mnist_pytorch.onnx")]
    [InlineData("models/mnist-8.onnx")]
    [InlineData("models/mlperftiny_kws_dscnn_float.onnx")]
    [InlineData("models/squeezenet_v1.1_fp16weights.onnx")]
    public void Every_layer_of_a_real_model_is_timed_and_priced(string file)
    {
        var view = new GraphView(OnnxModel.Load(Shared.File(file)));
        var shapes = ShapeInference.Infer(view);
        var survey = LayerFinder.Find(view, shapes).RequireLayers();
        var warnings = new List<Diagnostic>();
        var target = MeasuredHardware.Ready(HardwareCatalog.Load("onnxruntime", "."), view, survey, shapes, warnings.Add, s_quick);
        Assert.False(target.NeedsMeasuring);
        var table = CostTable.Build(target, survey.Quantizable, 0);
        var int8 = table.Price(Policy.Uniform(table.Layers, new LayerBits(8, 8)));
        var real = table.Price(Policy.Uniform(table.Layers, new LayerBits(32, 32)));
        Assert.True(int8.LatencySeconds > 0 && real.LatencySeconds > 0);
        Assert.Equal(table[0, new LayerBits(8, 8)].Seconds, table[0, new LayerBits(4, 4)].Seconds);
        Assert.All(warnings, w => Assert.Equal("HAQ1203", w.Descriptor.Code));
    }

    [Fact]
    public void Runs_are_told_by_median_and_quartiles()
    {
        var time = RunTime.Of([5, 1, 4, 2, 3]);
        Assert.Equal(new RunTime(3, 2, 5), time);
    }

    [Fact]
    public void Slower_means_by_more_than_the_spreads()
    {
        var layer = new QuantizableLayer(0, "a", LayerShape.Dense(2, 2), 0);
        Assert.True(new LayerTiming(layer, new RunTime(1, 0.1, 9), new RunTime(2, 0.1, 9)).IsInt8Slower);
        Assert.False(new LayerTiming(layer, new RunTime(1, 1.5, 9), new RunTime(2, 1.5, 9)).IsInt8Slower);
        Assert.Equal(0.5, new LayerTiming(layer, new RunTime(1, 0, 9), new RunTime(2, 0, 9)).Gain);
    }
}
