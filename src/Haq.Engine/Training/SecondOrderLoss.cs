using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Training;

/// <summary>
/// What stands for the second derivative of a network's loss against its own output: gradients at the outputs, drawn by chance, whose mean square over draws is that derivative's diagonal. For
/// scores of classes they are those of −log p(c) with c drawn from the distribution p, for other outputs a normal seed.
/// </summary>
internal sealed class SecondOrderLoss
{
    /// <summary>The output that tells the mean square of the main output's values.</summary>
    public const string Power = "haq/power";

    private const string Noise = "haq/noise";
    private const float LeastPower = 1e-30f;

    private readonly ImmutableArray<int> _shape;
    private readonly ImmutableArray<(string Name, ImmutableArray<int> Shape)> _others;

    private SecondOrderLoss(string scores, ImmutableArray<int> shape, ImmutableArray<(string, ImmutableArray<int>)> others) => (Scores, _shape, _others) = (scores, shape, others);

    /// <summary>The main output; before a last softmax, what that reads.</summary>
    public string Scores { get; }

    /// <summary>The main output is a score per class, so that the loss is a divergence of distributions; else it is a squared error.</summary>
    public bool IsDistribution => _shape is [_, > 1];

    /// <summary>Several outputs count, and their gradients are of errors relative to each one's power.</summary>
    public bool IsRelative => _others.Length > 0;

    /// <summary>What has to be fed, with its extents.</summary>
    public IEnumerable<(string Name, ImmutableArray<int> Shape)> Noises => [(Noise, _shape), .. _others.Select((other, i) => (OtherNoise(i), other.Shape))];

    /// <summary>The loss of a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="output">The output that the loss looks at; null for the main one.</param>
    /// <param name="everyOutput">It looks at all outputs of real numbers that have a row for each sample.</param>
    /// <param name="batch">Samples per run.</param>
    /// <param name="typeOf">Type and extents of a tensor in that run; null where it does not depend on the inputs.</param>
    /// <param name="producerOf">The node that makes a tensor.</param>
    /// <exception cref="HaqException">The output does not depend on the inputs (HAQ0703).</exception>
    public static SecondOrderLoss Of(
        OnnxModel model, string? output, bool everyOutput, int batch, Func<string, (DataType Type, ImmutableArray<int> Shape)?> typeOf, Func<string, NodeProto?> producerOf)
    {
        string main = output ?? model.MainOutput;
        var (_, shape) = typeOf(main) ?? throw DiagnosticCatalog.NothingToTrain.Error(model.Name, $"no layer's gradient can be had: the output '{main}' depends on no layer. Choose another output.");
        string scores = shape.Length == 2 && producerOf(main) is { } last && last.Is(OpNames.Softmax) ? last.Input[0] : main;
        return new SecondOrderLoss(scores, shape, everyOutput ? [.. model.Graph.Output.Where(o => o.Name != main).Select(o => (o.Name, Type: typeOf(o.Name)))
            .Where(o => o.Type is { Type: DataType.Float, Shape: [var rows, ..] } && rows == batch).Select(o => (o.Name, o.Type!.Value.Shape))] : []);
    }

    /// <summary>Appends the gradients at those outputs that <paramref name="g"/> makes.</summary>
    public List<(Value Value, Value Gradient)> Append(GraphBuilder g)
    {
        var seeds = new List<(Value, Value)>();
        // The mean of all outputs' relative errors; beside a divergence, whose second-order form has a factor of one half, twice that of the others.
        int shares = IsDistribution ? _others.Length : _others.Length + 1;
        if (Made(g, Scores) is { } z)
        {
            var seed = Seed(g, z);
            seeds.Add((z, IsRelative && !IsDistribution ? Relative(g, z, seed, shares) : seed));
        }
        for (int i = 0; i < _others.Length; i++)
        {
            if (Made(g, _others[i].Name) is not { } other) continue;
            var noise = g.Input(OtherNoise(i), DataType.Float, other.Shape.AsSpan()) * ((IsDistribution ? MathF.Sqrt(2) : 1) / MathF.Sqrt((float)other.Count / other.Shape[0]));
            seeds.Add((other, Relative(g, other, noise, shares)));
        }
        return seeds;
    }

    /// <summary>Appends <see cref="Power"/> where <paramref name="g"/> makes the main output.</summary>
    public void AppendPower(GraphBuilder g)
    {
        if (Made(g, Scores) is { } z) g.Output(g.Mean(z * z, [.. Enumerable.Range(0, z.Rank)], keep: false), Power);
    }

    /// <summary>Draws what a run is fed.</summary>
    /// <param name="random">Where from.</param>
    /// <param name="buffer">The tensor of a name in <see cref="Noises"/>.</param>
    public void Draw(SeededRandom random, Func<string, OrtTensor> buffer)
    {
        foreach (ref float v in buffer(Noise).Values<float>())
            v = (float)(IsDistribution ? -Math.Log(-Math.Log(1 - random.NextDouble() + 1e-300) + 1e-300) : random.NextNormal());
        for (int i = 0; i < _others.Length; i++)
            foreach (ref float v in buffer(OtherNoise(i)).Values<float>()) v = (float)random.NextNormal();
    }

    private static string OtherNoise(int index) => $"{Noise}/{index}";

    private static Value? Made(GraphBuilder g, string name) => g.Find(name) is { } value && g.ProducerOf(value) is not null ? value : null;

    // Adding Gumbel noise to the scores and taking the greatest draws a class from their softmax (Gumbel 1954), inside the graph.
    private Value Seed(GraphBuilder g, Value z)
    {
        var noise = g.Input(Noise, DataType.Float, z.Shape.AsSpan());
        if (!IsDistribution) return noise * (1 / MathF.Sqrt(z.Count / z.Shape[0]));
        var noisy = z + noise;
        var greatest = g.Node("ReduceMax", [noisy, g.Integers(1)], [z.Shape[0], 1], Attributes.Of("keepdims", 1L));
        return g.Node("Softmax", [z], z.Shape, Attributes.Of("axis", 1L)) - g.ToFloat(g.Compare("Equal", noisy, greatest));
    }

    // An output counts by its error over its power: the seed is divided by the square root of it.
    private static Value Relative(GraphBuilder g, Value z, Value seed, int shares)
    {
        var power = g.Mean(z * z, [.. Enumerable.Range(0, z.Rank)], keep: false) * shares;
        return seed / g.Unary("Sqrt", power + LeastPower);
    }
}
