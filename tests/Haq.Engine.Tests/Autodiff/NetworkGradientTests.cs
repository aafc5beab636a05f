using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Tests.Autodiff.Reference;
using Onnx;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>Gradients of whole networks, parameter by parameter along a random direction, against central differences of the double-precision reference.</summary>
public sealed class NetworkGradientTests
{
    private readonly GraphBuilder _g = new();
    private readonly SeededRandom _random = new(11);
    private readonly Dictionary<string, NdArray> _feeds = [];
    private readonly List<Value> _parameters = [];

    [Theory]
    [InlineData(KernelSet.Standard)]
    [InlineData(KernelSet.Custom)]
    public void MobileNetV1(KernelSet kernels)
    {
        var x = Block(Input(2, 3, 12, 12), 4, 3, 2, 1);
        foreach (var (channels, stride) in new[] { (8, 1), (12, 2), (12, 1), (16, 2) })
            x = Block(Block(x, x.Shape[1], 3, stride, x.Shape[1]), channels, 1, 1, 1);
        Check(Dense(Pool(x), 5), kernels);
    }

    [Theory]
    [InlineData(KernelSet.Standard)]
    [InlineData(KernelSet.Custom)]
    public void ResNet20(KernelSet kernels)
    {
        var x = Block(Input(2, 3, 8, 8), 4, 3, 1, 1);
        foreach (int channels in new[] { 4, 6, 8 })
        {
            for (int i = 0; i < 3; i++)
            {
                int stride = channels > 4 && i == 0 ? 2 : 1;
                var y = Conv(Block(x, channels, 3, stride, 1), channels, 3, 1, 1);
                // The original's shortcut: every other pixel, missing channels zero.
                if (stride == 2)
                {
                    int half = (channels - x.Shape[1]) / 2;
                    x = _g.Pad(_g.Slice(x, [2, 3], [0, 0], [x.Shape[2] / 2, x.Shape[3] / 2], [2, 2]), 1, half, channels - x.Shape[1] - half);
                }
                x = _g.Unary("Relu", y + x);
            }
        }
        Check(Dense(Pool(x), 5), kernels);
    }

    [Fact]
    public void Transformer_block()
    {
        const int batch = 2, length = 5, width = 8, heads = 2, each = width / heads;
        var x = Input(batch, length, width);
        Value Linear(Value v, int outputs) => _g.MatMul(v, Parameter(0.4, v.Shape[^1], outputs)) + Parameter(0.1, outputs);
        Value Heads(Value v) => _g.Transpose(_g.Reshape(v, batch, length, heads, each), 0, 2, 1, 3);
        Value Norm(Value v) => _g.Node("LayerNormalization", [v, Parameter(1, width), Parameter(0.1, width)], v.Shape, Attributes.Of("epsilon", 1e-5f));
        var scores = _g.MatMul(Heads(Linear(x, width)), _g.SwapLast(Heads(Linear(x, width)))) * (1 / MathF.Sqrt(each));
        var attention = _g.MatMul(_g.Node("Softmax", [scores], scores.Shape, Attributes.Of("axis", -1L)), Heads(Linear(x, width)));
        var mixed = Norm(x + Linear(_g.Reshape(_g.Transpose(attention, 0, 2, 1, 3), batch, length, width), width));
        var inner = Linear(mixed, 16);
        var gelu = inner * (_g.Unary("Erf", inner * 0.70710678f) + 1) * 0.5f;
        Check(Norm(mixed + Linear(gelu, width)), KernelSet.Standard);
    }

    [Fact]
    public void What_lies_behind_an_operator_without_a_rule_is_left_out_and_named()
    {
        var x = Input(2, 4);
        var (first, second) = (Parameter(1, 4, 4), Parameter(1, 4, 3));
        var hidden = _g.Node("CumSum", [_g.MatMul(x, first), _g.Integers(1)], [2, 4]);
        var y = _g.MatMul(hidden, second);
        var gradients = Backward.Append(_g, [(y, _g.Zeros(2, 3))], [first, second]);
        Assert.Null(gradients.Of(first));
        Assert.NotNull(gradients.Of(second));
        var obstacle = Assert.Single(gradients.Obstacles);
        Assert.Equal((first.Name, "CumSum"), (obstacle.Value, obstacle.Op));
        Assert.Contains("CumSum has no gradient rule", obstacle.Reason, StringComparison.Ordinal);
    }

    private void Check(Value output, KernelSet kernels)
    {
        var forward = _g.Nodes.Select(n => n.Clone()).ToArray();
        var seed = _g.Input("seed", DataType.Float, output.Shape.AsSpan());
        _feeds.Add("seed", Random(1, [.. output.Shape]));
        var gradients = Backward.Append(_g, [(output, seed)], _parameters, kernels);
        foreach (var p in _parameters) _g.Output(gradients.Of(p)!, "d_" + p.Name);
        KernelSelection.Apply(_g, kernels);
        var results = GraphRunner.Run(_g, _feeds);
        foreach (var p in _parameters)
        {
            const double h = 1e-6;
            var direction = Random(1, [.. p.Shape]);
            double[] at = [.. _feeds[p.Name].Data];
            double Along(double step)
            {
                for (int i = 0; i < at.Length; i++) _feeds[p.Name].Data[i] = at[i] + step * direction.Data[i];
                double loss = Loss(forward, output);
                at.CopyTo(_feeds[p.Name].Data, 0);
                return loss;
            }
            double expected = (Along(h) - Along(-h)) / (2 * h), actual = results["d_" + p.Name].Data.Zip(direction.Data, (a, b) => a * b).Sum();
            // Relative to the terms of the sum, which single precision keeps where they cancel; and no better than 1e-6 where the gradient itself
            // is zero, as that of a key's bias is, because softmax ignores what is added to all scores.
            double scale = Math.Sqrt(results["d_" + p.Name].Data.Sum(v => v * v) * direction.Data.Sum(v => v * v));
            Assert.True(Math.Abs(expected - actual) <= 1e-4 * Math.Max(scale, 1e-2), $"{p.Name}: {actual} instead of {expected}");
        }
    }

    private double Loss(NodeProto[] nodes, Value output)
    {
        var values = new Dictionary<string, NdArray>(_feeds);
        foreach (var node in nodes)
        {
            var inputs = node.Input.Select(i => i.Length == 0 ? null : values.GetValueOrDefault(i) ?? Constant(i)).ToArray();
            var results = ReferenceOperators.Run(new ReferenceNode(node, inputs));
            for (int i = 0; i < results.Length; i++) values[node.Output[i]] = results[i];
        }
        return values[output.Name].Data.Zip(_feeds["seed"].Data, (a, b) => a * b).Sum();
    }

    private NdArray Constant(string name)
    {
        var tensor = _g.ConstantOf(_g[name])!;
        return new NdArray([.. tensor.Dims.Select(d => (int)d)], Haq.Engine.Onnx.TensorData.ToDoubles(tensor));
    }

    private Value Block(Value x, int channels, int kernel, int stride, int groups) => _g.Unary("Relu", Conv(x, channels, kernel, stride, groups));

    private Value Conv(Value x, int channels, int kernel, int stride, int groups)
    {
        int pad = kernel / 2, extent = (x.Shape[2] + 2 * pad - kernel) / stride + 1;
        var w = Parameter(Math.Sqrt(2.0 / (kernel * kernel * x.Shape[1] / groups)), channels, x.Shape[1] / groups, kernel, kernel);
        return _g.Node("Conv", [x, w, Parameter(0.1, channels)], [x.Shape[0], channels, extent, extent],
            Attributes.Of("strides", stride, stride), Attributes.Of("pads", pad, pad, pad, pad), Attributes.Of("group", (long)groups));
    }

    private Value Pool(Value x) => _g.Reshape(_g.Node("GlobalAveragePool", [x], [x.Shape[0], x.Shape[1], 1, 1]), x.Shape[0], x.Shape[1]);

    private Value Dense(Value x, int classes) =>
        _g.Node("Gemm", [x, Parameter(0.5, classes, x.Shape[1]), Parameter(0.1, classes)], [x.Shape[0], classes], Attributes.Of("transB", 1L));

    private Value Input(params int[] shape)
    {
        _feeds.Add("x", Random(1, shape));
        return _g.Input("x", DataType.Float, shape);
    }

    private Value Parameter(double spread, params int[] shape)
    {
        string name = $"p{_parameters.Count}";
        _feeds.Add(name, Random(spread, shape));
        _parameters.Add(_g.Input(name, DataType.Float, shape));
        return _parameters[^1];
    }

    private NdArray Random(double spread, int[] shape) => NdArray.From(shape, _ => (float)(spread * _random.NextNormal()));
}
