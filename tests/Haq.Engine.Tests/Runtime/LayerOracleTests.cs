using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Onnx;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Layers found in real models, against what is published about them or counted by hand.</summary>
public sealed class LayerOracleTests
{
    [Theory]
    [InlineData("models/mlperftiny_ic_resnet8_float.onnx", 10, 12_501_632, 0)] // MLPerf Tiny: 12.5 M multiply-accumulates
    [InlineData("models/mobilenet_v2_1.0_224_tf2ptq_dequantized.onnx", 53, 300_775_552, 17)] // MobileNetV2: 300,774,272 with 1,000 classes; this one has 1,001, from 1,280 features
    [InlineData("models/mobilenet_v1_0.25_224_keras_float.onnx", 28, 41_030_272, 13)] // MobileNet paper: 41 M; to the last digit from its table of layers
    [InlineData("models/mnist-8.onnx", 3, 0, 0)]
    [InlineData("models/squeezenet_v1.1_fp16weights.onnx", 26, 0, 0)]
    [InlineData("zoo/caffe2_light_resnet50.onnx", 54, 4_089_184_256, 0)] // ResNet-50: 4.09 G in the literature
    public void Counts_agree(string file, int layers, long macs, int depthwise)
    {
        var survey = ModelSurvey.Of(OnnxModel.Load(Shared.File(file)), RealModels.ShapesFor(file));
        Assert.Equal(layers, survey.Layers.Layers.Length);
        if (macs > 0) Assert.Equal(macs, survey.Layers.Macs);
        Assert.Equal(depthwise, survey.Layers.Layers.Count(l => l.Layer.Shape.IsDepthwise));
        Assert.Equal(Enumerable.Range(0, layers), survey.Layers.Layers.Select(l => l.Layer.Index));
        Assert.Equal(layers, survey.Layers.Layers.Select(l => l.Name).Distinct().Count());
    }

    [Fact]
    public void A_convolution_over_several_maps_per_sample_loops_over_them()
    {
        var shape = new LayerShape(OpKind.Conv, 3, 8, 1, [1, 3, 3], [1, 1, 1], [5, 10, 10], [5, 8, 8]);
        Assert.Equal(5L * 8 * 8 * 9 * 3 * 8, shape.Macs);
        Assert.Equal(9L * 3 * 8, shape.Weights);
    }

    public static TheoryData<string> Files => RealModels.All;

    [Theory, MemberData(nameof(Files))]
    public void Every_real_model_is_surveyed_or_refused_in_one_line(string file)
    {
        var model = OnnxModel.Load(Shared.File(file));
        var survey = ModelSurvey.Of(model, RealModels.ShapesFor(file));
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{survey.Layers.Layers.Length} layers, {survey.Layers.Macs} MACs, {survey.Layers.Quantization.Describe()}");
        foreach (var group in survey.Layers.Skipped.GroupBy(s => s.Reason)) output.WriteLine($"  {group.Count()} x {group.First().Op} '{group.First().Name}' {group.Key}");
        if (survey.Layers.Layers.Length > 0) return;
        var error = Assert.Throws<Haq.Engine.Diagnostics.HaqException>(() => survey.Layers.RequireLayers());
        output.WriteLine(error.Diagnostic.ToString());
        Assert.DoesNotContain('\n', error.Diagnostic.ToString());
    }
}
