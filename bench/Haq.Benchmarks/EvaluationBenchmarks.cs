using BenchmarkDotNet.Attributes;
using Haq.Benchmarks.Steps;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Compiled;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Tests;

namespace Haq.Benchmarks;

/// <summary>
/// One policy of the sample's MobileNetV1-0.25 (or of the model that <c>HAQ_BENCHMARK_MODEL</c> names) measured on 512 images, session included: images per second are 512 divided
/// by the time.
/// </summary>
public class EvaluationBenchmarks
{
    private const int Images = 512;
    private EvaluationSet _set = null!;
    private PostTrainingQuantizer _quantizer = null!;
    private PolicyNetworks _networks = null!;
    private MeasuredEvaluator _evaluator = null!;
    private Policy _policy = null!;
    private int _turn;

    /// <summary>Calibrates on noise; how good a policy is does not matter here.</summary>
    [GlobalSetup]
    public void Open()
    {
        string path = Environment.GetEnvironmentVariable("HAQ_BENCHMARK_MODEL") ?? Path.Combine(StepComparison.Repository(), "sample-app", "Models", "fashion", "fashion-mobilenet.onnx");
        var model = QuantizableModel.Prepare(OnnxModel.Load(path));
        var random = new SeededRandom(1);
        string input = model.View.Inputs[0].Name;
        long[] shape = [.. model.Shapes[input].Shape.Skip(1)];
        float[] values = new float[Images * shape.Aggregate(1L, (a, b) => a * b)];
        foreach (ref float v in values.AsSpan()) v = (float)random.NextDouble();
        var images = new ArrayDataset(input, shape, values);
        _quantizer = new PostTrainingQuantizer(model, new Calibrator(model).Run(new ArrayDataset(input, shape, values[..(values.Length / 16)])), WeightOptions.Plain);
        _set = new EvaluationSet(model.Float, images);
        _networks = new PolicyNetworks(model.Float, _set.Outputs, new PrefixStore(0, 1));
        _evaluator = new MeasuredEvaluator(_quantizer, _set);
        _policy = Policy.Uniform(model.Layers.Length, new LayerBits(4, 6));
        _evaluator.Evaluate(_policy, CancellationToken.None);
    }

    /// <summary>Frees the images.</summary>
    [GlobalCleanup]
    public void Free() => _set.Dispose();

    /// <summary>The float model, its session made before.</summary>
    [Benchmark]
    public void Float() => _set.RunFloat(CancellationToken.None);

    /// <summary>In standard operators, optimized anew.</summary>
    [Benchmark(Baseline = true)]
    public void Standard()
    {
        using var network = _networks.Plain(_quantizer.Quantize(_policy));
        _set.Run(network.Run, CancellationToken.None);
    }

    /// <summary>Compiled once.</summary>
    [Benchmark]
    public void Compiled()
    {
        using var network = _set.Open(_quantizer.Quantize(_policy), reuse: false);
        _set.Run(network.Run, CancellationToken.None);
    }

    /// <summary>As a search probes: another width in one layer after the other, earlier layers' results used again.</summary>
    [Benchmark]
    public void Probe()
    {
        int layer = _turn / 2 % _policy.Count, bits = 2 + _turn++ % 2;
        _evaluator.Evaluate(_policy.With(layer, _policy[layer] with { Weights = new Bitwidth(bits) }), CancellationToken.None);
    }
}
