using BenchmarkDotNet.Attributes;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Benchmarks;

/// <summary>One operator with its gradients, batch 64, two threads: the engine's kernels against the best form in standard operators.</summary>
public class OperatorBenchmarks
{
    private readonly Dictionary<KernelSet, (OrtSession Session, OrtBinding Binding)> _runs = [];
    private readonly List<OrtTensor> _buffers = [];

    /// <summary>Operator, channels and extent.</summary>
    [Params(
        "depthwise 32 16", "depthwise 128 4", "depthwise stride 2 32 32", "conv 3x3 16 32", "conv 3x3 64 8", "conv 3x3 128 4", "batch norm 32 16", "batch norm 128 4",
        "quantizer 32 16", "quantizer 128 4", "relu 32 16", "max-pool 32 16")]
    public string Operator { get; set; } = "";

    /// <summary>Builds both graphs.</summary>
    [GlobalSetup]
    public void Build()
    {
        foreach (var kernels in new[] { KernelSet.Custom, KernelSet.Standard }) _runs[kernels] = Open(Write(kernels));
    }

    /// <summary>Frees both.</summary>
    [GlobalCleanup]
    public void Free()
    {
        foreach (var (session, binding) in _runs.Values)
        {
            binding.Dispose();
            session.Dispose();
        }
        foreach (var buffer in _buffers) buffer.Dispose();
    }

    /// <summary>In standard operators.</summary>
    [Benchmark(Baseline = true)]
    public void Standard() => _runs[KernelSet.Standard].Binding.Run();

    /// <summary>With the engine's kernels.</summary>
    [Benchmark]
    public void Kernels() => _runs[KernelSet.Custom].Binding.Run();

    private GraphBuilder Write(KernelSet kernels)
    {
        string[] words = Operator.Split(' ');
        int channels = int.Parse(words[^2], System.Globalization.CultureInfo.InvariantCulture), extent = int.Parse(words[^1], System.Globalization.CultureInfo.InvariantCulture);
        int stride = Operator.Contains("stride 2", StringComparison.Ordinal) ? 2 : 1, made = words[0] == "max-pool" ? extent / 2 : extent / stride;
        var g = new GraphBuilder(21);
        var x = g.Input("x", DataType.Float, 64, channels, extent, extent);
        var wanted = new List<Value> { x };
        Value Parameter(string name, params int[] shape)
        {
            var value = g.Input(name, DataType.Float, shape);
            wanted.Add(value);
            return value;
        }
        Value Convolution(int groups) => g.Node("Conv", [x, Parameter("w", channels, channels / groups, 3, 3)], [64, channels, made, made],
            Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("strides", stride, stride), Attributes.Of("group", (long)groups));
        Value BatchNorm()
        {
            var zeros = g.Tensor(new float[channels], channels);
            return g.Many("BatchNormalization", [x, Parameter("scale", channels), Parameter("bias", channels), zeros, zeros],
                [(DataType.Float, x.Shape), (DataType.Float, [channels]), (DataType.Float, [channels])], Attributes.Of("training_mode", 1L), Attributes.Of("momentum", 0f))[0];
        }
        var y = words[0] switch
        {
            "depthwise" => Convolution(channels),
            "conv" => Convolution(1),
            "batch" => BatchNorm(),
            "quantizer" => FakeQuantizeOperator.Append(g, x, Parameter("step", 1), g.Tensor([0, 15, 0, 1], 4), -1, false),
            "relu" => g.Unary("Relu", x),
            _ => g.Node("MaxPool", [x], [64, channels, made, made], Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2)),
        };
        var seed = g.Input("dy", DataType.Float, [.. y.Shape]);
        var gradients = Backward.Append(g, [(y, seed)], wanted, kernels);
        g.Output(y, "y");
        foreach (var value in wanted) g.Output(gradients.Of(value)!, $"d{value.Name}");
        KernelSelection.Apply(g, kernels);
        return g;
    }

    private (OrtSession, OrtBinding) Open(GraphBuilder g)
    {
        var session = new OrtSession(new OnnxModel(g.ToModel(), Operator), new SessionSettings
        {
            Threads = 2, Spinning = true, DisabledOptimizers = ["ConstantSharing"], Configure = CustomOperators.Register,
        });
        var binding = session.Bind();
        var random = new SeededRandom(1);
        foreach (var value in g.Inputs.Concat(g.Outputs))
        {
            var buffer = OrtTensor.Zeros(value.Type, [.. value.Shape.Select(d => (long)d)]);
            _buffers.Add(buffer);
            if (!g.Inputs.Contains(value))
            {
                binding.Output(value.Name, buffer);
                continue;
            }
            foreach (ref float v in buffer.Values<float>()) v = (float)(value.Name == "step" ? 0.2 : random.NextNormal());
            binding.Input(value.Name, buffer);
        }
        return (session, binding);
    }
}
