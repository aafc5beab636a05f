using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Tests.Autodiff.Reference;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>Clipping becomes part of a normalization where nothing else sees what is clipped; the results are those of standard operators.</summary>
public sealed class ClippedNormalizationTests
{
    public static TheoryData<string, string[]> Cases => new()
    {
        // what follows the normalization, and the operators that are left of it and of its gradient
        { "relu", ["BatchNormTraining", "BatchNormTrainingGradient"] },
        { "clip", ["BatchNormTraining", "BatchNormTrainingGradient"] },
        { "at least", ["BatchNormTraining", "BatchNormTrainingGradient"] },
        { "read twice", ["Add", "BatchNormTraining", "BatchNormTrainingGradient", "BoundedGradient", "Relu"] },
        { "an output", ["BatchNormTraining", "BatchNormTrainingGradient", "BoundedGradient", "Relu"] },
        { "computed bound", ["Add", "BatchNormTraining", "BatchNormTrainingGradient", "Clip"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Results_are_those_of_standard_operators(string follower, string[] operators)
    {
        var (standard, _) = Run(follower, KernelSet.Standard);
        var (custom, graph) = Run(follower, KernelSet.Custom);
        Assert.Equal(standard.Keys.Order(), custom.Keys.Order());
        foreach (var (name, expected) in standard)
            for (int i = 0; i < expected.Data.Length; i++) Assert.Equal(expected.Data[i], custom[name].Data[i], 2e-5);
        string[] counted = ["Add", "BatchNormTraining", "BatchNormTrainingGradient", "BoundedGradient", "Clip", "Relu"];
        Assert.Equal(operators, graph.Nodes.Select(n => n.OpType).Where(counted.Contains).Distinct().Order());
    }

    private static (Dictionary<string, NdArray> Results, GraphBuilder Graph) Run(string follower, KernelSet kernels)
    {
        int[] shape = [3, 4, 5, 6];
        var g = new GraphBuilder();
        var random = new SeededRandom(3);
        var feeds = new Dictionary<string, NdArray>();
        Value Input(string name, params int[] extents)
        {
            feeds.Add(name, NdArray.From(extents, _ => (float)random.NextNormal()));
            return g.Input(name, DataType.Float, extents);
        }
        var (x, scale, bias, seed) = (Input("x", shape), Input("scale", 4), Input("bias", 4), Input("seed", shape));
        var zeros = g.Tensor(new float[4], 4);
        var y = g.Many("BatchNormalization", [x, scale, bias, zeros, zeros], [(DataType.Float, [.. shape]), (DataType.Float, [4]), (DataType.Float, [4])],
            Attributes.Of("training_mode", 1L), Attributes.Of("momentum", 0f))[0];
        var z = follower switch
        {
            "clip" => g.Node("Clip", [y, g.Scalar(-0.5f), g.Scalar(0.75f)], [.. shape]),
            "at least" => g.Node("Clip", [y, g.Scalar(0.25f)], [.. shape]),
            "computed bound" => g.Node("Clip", [y, null, g.Unary("Abs", g.Reshape(g.Slice(scale, 0, 0, 1), []))], [.. shape]),
            "read twice" => g.Unary("Relu", y) + y,
            _ => g.Unary("Relu", y),
        };
        if (follower == "an output") g.Output(y);
        var gradients = Backward.Append(g, [(z, seed)], [x, scale, bias], kernels);
        g.Output(z, "z");
        foreach (var value in new[] { x, scale, bias }) g.Output(gradients.Of(value)!, "d_" + value.Name);
        KernelSelection.Apply(g, kernels);
        var results = GraphRunner.Run(g, feeds);
        return (results.Where(r => r.Key is "z" || r.Key.StartsWith("d_", StringComparison.Ordinal)).ToDictionary(), g);
    }
}
