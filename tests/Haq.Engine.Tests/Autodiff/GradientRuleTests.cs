using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Tests.Autodiff.Reference;
using static Haq.Engine.Onnx.Schema.TensorProto.Types;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>Every rule, on every example it ships, against central differences of a double-precision reference of the operator.</summary>
public sealed class GradientRuleTests
{
    public static IEnumerable<TheoryDataRow<string, int>> Examples =>
        GradientRules.All.SelectMany(rule => rule.Examples.Select((_, i) => new TheoryDataRow<string, int>(rule.Op, i)));

    [Fact]
    public void Every_rule_ships_an_example() => Assert.All(GradientRules.All, rule => Assert.NotEmpty(rule.Examples));

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_rule_agrees_with_central_differences(string op, int example) => Check(op, example, KernelSet.Standard);

    /// <summary>The rules that emit something else with the engine's kernels; the rest is the same graph.</summary>
    [Theory]
    [MemberData(nameof(KernelExamples))]
    public void A_rule_agrees_with_central_differences_with_the_engines_kernels(string op, int example) => Check(op, example, KernelSet.Custom);

    public static IEnumerable<TheoryDataRow<string, int>> KernelExamples =>
        Examples.Where(row => row.Data.Item1 is "Conv" or "ConvTranspose" or "MaxPool" or "Relu" or "Clip" or "FakeQuantize" or "BatchNormalization");

    private static void Check(string op, int number, KernelSet kernels)
    {
        var example = GradientRules.All.Single(r => r.Op == op).Examples[number];
        var random = new SeededRandom(7).Fork($"{op}/{number}");
        var g = new GraphBuilder(21);
        var node = new NodeProto { OpType = op, Name = "tested", Domain = op == FakeQuantizeRules.Op ? GraphBuilder.CustomDomain : "" };
        node.Attribute.AddRange(example.Attributes);
        var feeds = new Dictionary<string, NdArray>();
        var arrays = new List<NdArray?>();
        var wanted = new List<Value>();
        foreach (var input in example.Inputs)
        {
            string name = input is null ? "" : $"input{arrays.Count}";
            node.Input.Add(name);
            arrays.Add(input is null ? null : Declare(g, name, input, random, feeds, wanted));
        }
        node.Output.AddRange(Enumerable.Range(0, example.Outputs).Select(i => $"output{i}"));
        var expected = ReferenceOperators.Run(new ReferenceNode(node, [.. arrays]));
        g.Adopt(node.Clone(), [.. node.Output.Select((_, i) => (DataType.Float, expected[i].Shape.ToImmutableArray()))]);

        // Only what the definition differentiates: the running statistics of batch normalization are not.
        int seeded = op == "BatchNormalization" ? 1 : example.Outputs;
        var seeds = new List<(Value, Value)>();
        var weights = new List<NdArray>();
        for (int i = 0; i < seeded; i++)
        {
            var weight = NdArray.From(expected[i].Shape, _ => 2 * random.NextDouble() - 1);
            weights.Add(weight);
            seeds.Add((g[$"output{i}"], g.Input($"seed{i}", DataType.Float, expected[i].Shape)));
            feeds.Add($"seed{i}", weight);
        }
        var gradients = Backward.Append(g, seeds, wanted, kernels);
        Assert.Empty(gradients.Obstacles);
        for (int i = 0; i < seeded; i++) g.Output(g[$"output{i}"]);
        foreach (var value in wanted) g.Output(gradients.Of(value)!, "d_" + value.Name);
        KernelSelection.Apply(g, kernels);
        var results = GraphRunner.Run(g, feeds);

        for (int i = 0; i < seeded; i++) AssertClose(expected[i], results[$"output{i}"], 1e-5, $"{op} {number} output {i}");
        foreach (var value in wanted)
        {
            var array = feeds[value.Name];
            var differences = NdArray.From(array.Shape, _ => 0);
            for (int at = 0; at < array.Data.Length; at++)
            {
                // In double precision the error of the difference quotient is about 1e-10, far below what is asserted.
                const double h = 1e-5;
                double kept = array.Data[at];
                array.Data[at] = kept + h;
                double above = Loss(node, arrays, weights);
                array.Data[at] = kept - h;
                double below = Loss(node, arrays, weights);
                array.Data[at] = kept;
                differences.Data[at] = (above - below) / (2 * h);
            }
            AssertClose(differences, results["d_" + value.Name], 1e-4, $"{op} {number} gradient of {value.Name}");
        }
    }

    private static double Loss(NodeProto node, List<NdArray?> inputs, List<NdArray> weights)
    {
        var outputs = ReferenceOperators.Run(new ReferenceNode(node, [.. inputs]));
        return weights.Select((w, i) => w.Data.Zip(outputs[i].Data, (a, b) => a * b).Sum()).Sum();
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

    private static void AssertClose(NdArray expected, NdArray actual, double tolerance, string what)
    {
        Assert.Equal(expected.Data.Length, actual.Data.Length);
        double scale = Math.Max(1e-3, expected.Data.Max(Math.Abs)), worst = expected.Data.Zip(actual.Data, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance * scale, $"{what}: differs by {worst / scale:g3} of {scale:g3}");
    }
}
