using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Smoothing;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Tests.Quantization.Smoothing;

namespace Haq.Engine.Tests.Evaluation.Compiled;

/// <summary>Evening out channels keeps the fast form: factors in weights, and factors and centres in operators of their own.</summary>
public sealed class SmoothedNetworkTests
{
    [Theory]
    [InlineData("mlperftiny_kws_dscnn_float", 1, 1, 49, 10)]
    [InlineData("mlperftiny_vww_96_float", 0, 3, 96, 96)]
    [InlineData("resnet20_cifar10_jpegft", 1, 3, 32, 32)]
    public void Networks_with_evened_channels_are_compiled_to_the_bits_of_the_plain_form(string model, int operators, int channels, int height, int width) =>
        AssertCompiled(OnnxModel.Load(Shared.File($"models/{model}.onnx")), operators, [channels, height, width]);

    [Theory]
    [InlineData(0, 3, 1)]
    [InlineData(40, 1, 2)]
    public void Factors_and_centres_in_front_of_a_layer_are_compiled_too(int offset, int kernel, int operators) =>
        AssertCompiled(ActivationSmoothingTests.Network("SiLU", offset, kernel), operators, [3, 8, 8]);

    private static void AssertCompiled(OnnxModel source, int operators, long[] shape)
    {
        var model = QuantizableModel.Prepare(source);
        var random = new SeededRandom(3);
        using var samples = new ArrayDataset(model.View.Inputs[0].Name, shape, [.. Enumerable.Range(0, 6 * (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.NextNormal())]);
        var even = ActivationSmoothing.Apply(model, ActivationSmoothing.Choose(model, samples, _ => new LayerBits(8, 8), TestContext.Current.CancellationToken));
        Assert.NotEmpty(even.Smoothed);
        Assert.Equal(operators, even.Float.Graph.Node.Count - model.Float.Graph.Node.Count);
        var quantizer = new PostTrainingQuantizer(even, new Calibrator(even).Run(samples), WeightOptions.Plain);
        using var set = new EvaluationSet(even.Float, samples, new EvaluationOptions { Batch = 2 });
        var quantized = quantizer.Quantize(Policy.Uniform(even.Layers.Length, new LayerBits(6, 8)));
        using var compiled = set.Open(quantized, reuse: false);
        Assert.IsType<CutNetwork>(compiled);
        using var plain = new PolicyNetworks(even.Float, set.Outputs, new PrefixStore(0, 3)).Plain(quantized);
        Assert.Equal(set.Run(plain.Run, CancellationToken.None), set.Run(compiled.Run, CancellationToken.None));
    }
}
