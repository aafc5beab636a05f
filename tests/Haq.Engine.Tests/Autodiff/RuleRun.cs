using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Tests.Autodiff.Reference;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>One example of a rule with random numbers: the operator, and what the engine computes of it on ONNX Runtime.</summary>
internal sealed class RuleRun
{
    private RuleRun(NodeProto node) => Node = node;

    public NodeProto Node { get; }

    /// <summary>By the node's inputs; null where one is left out.</summary>
    public List<NdArray?> Inputs { get; } = [];

    /// <summary>What the loss weighs the outputs with.</summary>
    public List<NdArray> Seeds { get; } = [];

    /// <summary>The outputs of the double-precision reference.</summary>
    public NdArray[] Expected { get; private set; } = [];

    /// <summary>The engine's outputs, and its gradients by input; null where none is asked for.</summary>
    public List<NdArray> Outputs { get; } = [];

    public List<NdArray?> Gradients { get; } = [];

    /// <summary>The rules that emit something else with the engine's kernels; the rest is the same graph.</summary>
    public static bool HasKernels(string op) => op is "Conv" or "ConvTranspose" or "MaxPool" or "GlobalAveragePool" or "Relu" or "Clip" or "FakeQuantize" or "BatchNormalization";

    public static RuleRun Of(string op, int number, KernelSet kernels)
    {
        var example = GradientRules.All.Single(r => r.Op == op).Examples[number];
        var random = new SeededRandom(7).Fork($"{op}/{number}");
        var g = new GraphBuilder(21);
        var run = new RuleRun(new NodeProto { OpType = op, Name = "tested", Domain = op == FakeQuantizeOperator.Name ? GraphBuilder.CustomDomain : "" });
        run.Node.Attribute.AddRange(example.Attributes);
        var feeds = new Dictionary<string, NdArray>();
        var wanted = new List<Value>();
        foreach (var input in example.Inputs)
        {
            string name = input is null ? "" : $"input{run.Inputs.Count}";
            run.Node.Input.Add(name);
            run.Inputs.Add(input is null ? null : Declare(g, name, input, random, feeds, wanted));
        }
        run.Node.Output.AddRange(Enumerable.Range(0, example.Outputs).Select(i => $"output{i}"));
        run.Expected = ReferenceOperators.Run(new ReferenceNode(run.Node, [.. run.Inputs]));
        g.Adopt(run.Node.Clone(), [.. run.Node.Output.Select((_, i) => (DataType.Float, run.Expected[i].Shape.ToImmutableArray()))]);

        // Only what the definition differentiates: the running statistics of batch normalization are not.
        int seeded = op == "BatchNormalization" ? 1 : example.Outputs;
        var seeds = new List<(Value, Value)>();
        for (int i = 0; i < seeded; i++)
        {
            var weight = NdArray.From(run.Expected[i].Shape, _ => (float)(2 * random.NextDouble() - 1));
            run.Seeds.Add(weight);
            seeds.Add((g[$"output{i}"], g.Input($"seed{i}", DataType.Float, run.Expected[i].Shape)));
            feeds.Add($"seed{i}", weight);
        }
        var gradients = Backward.Append(g, seeds, wanted, kernels);
        Assert.Empty(gradients.Obstacles);
        for (int i = 0; i < seeded; i++) g.Output(g[$"output{i}"]);
        foreach (var value in wanted) g.Output(gradients.Of(value)!, "d_" + value.Name);
        KernelSelection.Apply(g, kernels);
        var results = GraphRunner.Run(g, feeds);
        for (int i = 0; i < seeded; i++) run.Outputs.Add(results[$"output{i}"]);
        run.Gradients.AddRange(run.Node.Input.Select(name => results.GetValueOrDefault("d_" + name)));
        return run;
    }

    private static NdArray Declare(
        GraphBuilder g, string name, ExampleInput input, SeededRandom random, Dictionary<string, NdArray> feeds, List<Value> wanted)
    {
        if (input.Whole is { } whole)
        {
            var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64 };
            tensor.Dims.AddRange(input.Shape.Select(d => (long)d));
            tensor.Int64Data.AddRange(whole);
            g.Initializer(tensor);
            return new NdArray(input.Shape, [.. whole.Select(v => (double)v)]);
        }
        if (input.Floats is { } floats)
        {
            var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
            tensor.Dims.AddRange(input.Shape.Select(d => (long)d));
            tensor.FloatData.AddRange(floats);
            g.Initializer(tensor);
            return new NdArray(input.Shape, [.. floats.Select(v => (double)v)]);
        }
        // Rounded to single precision, so that both sides see the same numbers.
        var array = NdArray.From(input.Shape, _ => (float)(input.Low + (input.High - input.Low) * random.NextDouble()));
        if (input.Boolean) array = array.Map(v => v > 0 ? 1 : 0);
        feeds.Add(name, array);
        var value = g.Input(name, input.Boolean ? DataType.Bool : DataType.Float, input.Shape);
        if (input.Trained) wanted.Add(value);
        return array;
    }
}
