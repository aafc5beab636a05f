using System.Collections.Immutable;
using System.Diagnostics;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Haq.Engine.Training;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks.Steps;

/// <summary>A training step of a known network, as <c>bench/pytorch/training_step.py</c> builds it too: batch normalization with batch statistics, LSQ quantizers, SGD with momentum.</summary>
internal sealed class TrainingNetwork : ITrainingStep
{
    private readonly GraphBuilder _g = new(21);
    private readonly KernelSet _kernels;
    private readonly bool _quantized;
    private readonly List<TrainedParameter> _parameters = [];
    private readonly Dictionary<string, OrtTensor> _buffers = [];
    private readonly SeededRandom _random = new(5);
    private readonly int _classes = 10;
    private OrtSession? _session;
    private OrtBinding? _binding;
    private OnnxModel? _model;
    private SessionSettings? _settings;
    private string _forwardEnd = "";

    private TrainingNetwork(KernelSet kernels, bool quantized) => (_kernels, _quantized) = (kernels, quantized);

    public static TrainingNetwork MobileNetV1(double width, int resolution, int batch, bool quantized, KernelSet kernels, int threads)
    {
        var n = new TrainingNetwork(kernels, quantized);
        int Channels(int c) => Math.Max(8, (int)(c * width + 4) / 8 * 8);
        var x = n._g.Input("x", DataType.Float, batch, 3, resolution, resolution);
        x = n.Block(x, Channels(32), 3, resolution >= 64 ? 2 : 1, 1, false, true);
        foreach (var (c, stride) in new[] { (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1) })
        {
            x = n.Block(x, x.Shape[1], 3, stride, x.Shape[1], true, true);
            x = n.Block(x, Channels(c), 1, 1, 1, true, true);
        }
        return n.Finish(x, threads);
    }

    public static TrainingNetwork ResNet20(int batch, bool quantized, KernelSet kernels, int threads)
    {
        var n = new TrainingNetwork(kernels, quantized);
        var x = n.Block(n._g.Input("x", DataType.Float, batch, 3, 32, 32), 16, 3, 1, 1, false, true);
        foreach (int channels in new[] { 16, 32, 64 })
        {
            for (int i = 0; i < 3; i++)
            {
                int stride = channels > 16 && i == 0 ? 2 : 1;
                var y = n.Block(n.Block(x, channels, 3, stride, 1, true, true), channels, 3, 1, 1, true, false);
                var skip = stride == 1 ? x : n.Block(x, channels, 1, 2, 1, true, false);
                x = n._g.Unary("Relu", y + skip);
            }
        }
        return n.Finish(x, threads);
    }

    /// <summary>Bytes of everything that the forward nodes make for one batch.</summary>
    public long ActivationBytes { get; private set; }

    public void Step() => _binding!.Run();

    /// <summary>A value of the graph, or null for what ONNX Runtime added.</summary>
    public Value? Find(string name) => _g.Find(name);

    /// <summary>Whether a node of the graph, as ONNX Runtime rewrote it, belongs to the forward pass, the backward pass, or neither.</summary>
    public string PassOf(NodeProto node)
    {
        int end = IndexOf(_forwardEnd), at = node.Output.Max(IndexOf);
        return at < 0 ? "neither" : at <= end ? "forward" : node.OpType == "OptimizerStep" ? "update" : "backward";
    }

    /// <summary>Times of the nodes of some steps.</summary>
    public NodeProfile Profile()
    {
        using var profiled = new ProfiledSession(_model!, _settings!);
        var inputs = _g.Inputs.ToDictionary(i => i.Name, i => _buffers[i.Name]);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 8 || Stopwatch.GetElapsedTime(start).TotalSeconds < 2; i++) profiled.Run(inputs, warmUp: i < 3);
        return profiled.Finish();
    }

    public void Dispose()
    {
        _binding?.Dispose();
        _session?.Dispose();
        foreach (var buffer in _buffers.Values) buffer.Dispose();
    }

    private Value Block(Value x, int channels, int kernel, int stride, int groups, bool quantizeInput, bool relu)
    {
        int index = _parameters.Count, pad = kernel / 2, extent = (x.Shape[2] + 2 * pad - kernel) / stride + 1;
        var w = Parameter($"w{index}", Math.Sqrt(2.0 / (kernel * kernel * x.Shape[1] / groups)), channels, x.Shape[1] / groups, kernel, kernel);
        var (scale, bias) = (Parameter($"scale{index}", -1, channels), Parameter($"bias{index}", 0, channels));
        if (_quantized)
        {
            w = FakeQuantizeOperator.Append(_g, w, Parameter($"weight step{index}", -0.02, channels), Settings(-31, 31, w.Count / channels), 0, false);
            if (quantizeInput) x = FakeQuantizeOperator.Append(_g, x, Parameter($"input step{index}", -4.0 / 63, 1), Settings(0, 63, x.Count / x.Shape[0]), -1, false);
        }
        ImmutableArray<int> shape = [x.Shape[0], channels, extent, extent];
        var y = _g.Node("Conv", [x, w], shape, Attributes.Of("kernel_shape", kernel, kernel), Attributes.Of("strides", stride, stride),
            Attributes.Of("pads", pad, pad, pad, pad), Attributes.Of("group", (long)groups));
        var zeros = _g.Tensor(new float[channels], channels);
        y = _g.Many("BatchNormalization", [y, scale, bias, zeros, zeros], [(DataType.Float, shape), (DataType.Float, [channels]), (DataType.Float, [channels])],
            Attributes.Of("training_mode", 1L), Attributes.Of("momentum", 0f))[0];
        return relu ? _g.Unary("Relu", y) : y;
    }

    private TrainingNetwork Finish(Value x, int threads)
    {
        var pooled = _g.Reshape(_g.Node("GlobalAveragePool", [x], [x.Shape[0], x.Shape[1], 1, 1]), x.Shape[0], x.Shape[1]);
        var logits = _g.Gemm(pooled, Parameter("dense", 0.1, _classes, x.Shape[1]), transposeB: true) + Parameter("dense bias", 0, _classes);
        ActivationBytes = _g.Nodes.SelectMany(n => n.Output).Sum(o => _g[o].Count * sizeof(float));
        var (loss, seed) = Losses.Divergence(_g, logits, _kernels);
        _forwardEnd = seed.Name;
        var gradients = Backward.Append(_g, [(logits, seed)], [.. _parameters.Select(p => _g[p.Name])], _kernels);
        _g.Output(loss, "loss");
        OptimizerNodes.Append(_g, OptimizerKind.Sgd, _kernels, _parameters, [.. _parameters.Select(p => gradients.Of(_g[p.Name])!)]);
        KernelSelection.Apply(_g, _kernels);
        _model = new OnnxModel(_g.ToModel(), "step");
        _settings = new SessionSettings { Threads = threads, Spinning = true, DisabledOptimizers = ["ConstantSharing"], Configure = CustomOperators.Register };
        _session = new OrtSession(_model, _settings);
        _binding = _session.Bind();
        foreach (var input in _g.Inputs) _binding.Input(input.Name, Buffer(input));
        foreach (var output in _g.Outputs) _binding.Output(output.Name, Buffer(output));
        foreach (var p in _parameters) p.Initial.CopyTo(_buffers[p.Name].Values<float>());
        foreach (ref float v in _buffers["x"].Values<float>()) v = (float)_random.NextNormal();
        var target = _buffers[Losses.Target].Values<float>();
        for (int i = 0; i < target.Length; i += _classes) target[i + _random.Next(_classes)] = 1;
        new[] { 1e-4f, 0.9f, 0, 0, 0, float.MaxValue }.CopyTo(_buffers[OptimizerNodes.Settings].Values<float>());
        return this;
    }

    private int IndexOf(string output) => _g.Nodes.ToList().FindLastIndex(n => n.Output.Contains(output));

    private OrtTensor Buffer(Value value)
    {
        var tensor = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
        _buffers.Add(value.Name, tensor);
        return tensor;
    }

    private Value Settings(float low, float high, long elements) => _g.Tensor([low, high, 0, (float)(1 / Math.Sqrt(elements * (double)high))], 4);

    // A positive spread is normal, a negative one is the constant -spread.
    private Value Parameter(string name, double spread, params int[] shape)
    {
        float[] initial = new float[shape.Aggregate(1, (product, extent) => product * extent)];
        for (int i = 0; i < initial.Length; i++) initial[i] = spread > 0 ? (float)(spread * _random.NextNormal()) : (float)-spread;
        _parameters.Add(new TrainedParameter(name, shape, initial, 1, false, name.Contains("step", StringComparison.Ordinal) ? 1e-4f : float.NegativeInfinity));
        return _g.Input(name, DataType.Float, shape);
    }
}
