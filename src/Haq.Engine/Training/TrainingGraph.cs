using System.Collections.Immutable;
using Haq.Engine.Autodiff;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>One training step as one ONNX graph: the network with fake quantizers, the loss, all gradients, the update.</summary>
internal sealed class TrainingGraph
{
    private TrainingGraph(GraphBuilder graph, ForwardGraph forward, Value logits, bool afterSoftmax)
    {
        (Graph, Forward, Logits, AfterSoftmax) = (graph, forward, logits, afterSoftmax);
    }

    public const string LossOutput = "haq/loss";

    public GraphBuilder Graph { get; }

    /// <summary>The network without quantizers, in the same batch: the teacher.</summary>
    public ForwardGraph Forward { get; }

    /// <summary>Samples per step.</summary>
    public int Batch => Forward.Batch;

    /// <summary>What the loss looks at: the output, or what goes into its softmax.</summary>
    public Value Logits { get; }

    /// <summary>The model's output is the softmax of <see cref="Logits"/>.</summary>
    public bool AfterSoftmax { get; }

    /// <summary>The loss is a divergence of distributions; otherwise a squared error.</summary>
    public bool IsDivergence { get; private init; }

    /// <summary>The output that teacher and student are compared on.</summary>
    public required string Output { get; init; }

    public required ImmutableArray<FakeQuantizer> Quantizers { get; init; }

    public required ImmutableArray<TrainedParameter> Parameters { get; init; }

    /// <summary>Those of <see cref="Parameters"/> that belong to no layer.</summary>
    public required ImmutableArray<string> Constants { get; init; }

    /// <summary>Inputs that are not trained, with their values.</summary>
    public required ImmutableArray<TrainedParameter> FixedScales { get; init; }

    /// <summary>Layers that cannot be trained, and why.</summary>
    public required ImmutableArray<GradientObstacle> Obstacles { get; init; }

    /// <summary>Writes the step for a quantized network.</summary>
    /// <exception cref="HaqException">No layer can be trained (HAQ0703), or the model cannot be read for a batch (HAQ0701, HAQ0310, HAQ0311).</exception>
    public static TrainingGraph Build(QuantizedModel start, FineTuneOptions options)
    {
        var forward = ForwardGraph.Read(start.Model, options.Batch, options.InputShapes, options.Example);
        var g = new GraphBuilder(Math.Max(GraphBuilder.LeastOpset, start.Model.OpsetOf()));
        var biases = new TrainedBiases(g, start);
        var fake = new FakeQuantization(g, start, options.Scales == ScaleLearning.Pact, biases.Read);
        var weights = start.Layers.Where(l => l.Weights is not null).Select(l => l.Found.Weight).ToHashSet(StringComparer.Ordinal);
        var constants = TunableConstants.Find(start, biases.Constants);
        forward.Write(g, weights.Concat(constants.Select(c => c.Name)).ToHashSet(StringComparer.Ordinal), node =>
        {
            fake.Prepare(node);
            biases.Prepare(node);
        });

        string output = options.Output ?? start.Model.MainOutput;
        var logits = fake.Read(output);
        bool divergence = options.Loss != LossKind.Mse && logits is { Rank: 2 } && logits.Shape[1] > 1;
        bool softmax = divergence && g.ProducerOf(logits) is { OpType: OpNames.Softmax } last && last.Int("axis", -1) is (-1 or 1);
        if (softmax) logits = g[g.ProducerOf(logits)!.Input[0]];
        var (loss, seed) = divergence ? Losses.Divergence(g, logits, options.Kernels) : Losses.SquaredError(g, logits);

        var (trained, fixedScales) = ParametersOf(g, start, fake, biases, constants, options);
        var gradients = Backward.Append(g, [(logits, seed)], [.. trained.Select(p => g[p.Name])], options.Kernels);
        var reached = trained.Where(p => gradients.Of(g[p.Name]) is not null).ToImmutableArray();
        if (!reached.Any(p => weights.Contains(p.Name))) throw NothingToTrain(start, output, gradients);
        g.Output(loss, LossOutput);
        OptimizerNodes.Append(g, options.Optimizer, options.Kernels, reached, [.. reached.Select(p => gradients.Of(g[p.Name])!)]);
        KernelSelection.Apply(g, options.Kernels);
        return new TrainingGraph(g, forward, logits, softmax)
        {
            IsDivergence = divergence,
            Output = output,
            Quantizers = [.. fake.Quantizers],
            Parameters = reached,
            Constants = [.. reached.Select(p => p.Name).Intersect(constants.Select(c => c.Name), StringComparer.Ordinal)],
            FixedScales = [.. fixedScales, .. trained.Where(p => !reached.Contains(p))],
            Obstacles = [.. gradients.Obstacles.Where(o => weights.Contains(o.Value))],
        };
    }

    /// <summary>The input that a layer's trained bias is.</summary>
    public static string BiasName(QuantizedLayer layer) => "haq/bias/" + layer.Found.Output;

    private static (List<TrainedParameter> Trained, List<TrainedParameter> Fixed) ParametersOf(
        GraphBuilder graph, QuantizedModel start, FakeQuantization fake, TrainedBiases biases, IReadOnlyList<TensorProto> constants, FineTuneOptions options)
    {
        var trained = new List<TrainedParameter>();
        var scales = new List<TrainedParameter>();
        var view = new GraphView(start.Model);
        double share = RateShare(start);
        foreach (var layer in start.Layers.Where(l => l.Weights is not null).DistinctBy(l => l.Found.Weight))
        {
            var tensor = view.ConstantOf(layer.Found.Weight)!;
            float[] weights = LatentWeights.Of(layer.Weights!, TensorData.ToFloats(tensor, start.Model.External));
            trained.Add(new(layer.Found.Weight, [.. tensor.Dims.Select(d => (int)d)], weights, RateFactor(weights, share, options), Decays: true, float.NegativeInfinity));
        }
        // A bias that nothing on the way to the output reads is not in the graph, and stays as it is.
        foreach (var (layer, bias) in biases.All.Where(b => graph.Find(BiasName(b.Layer)) is not null))
            trained.Add(new(BiasName(layer), [bias.Length], bias, RateFactor(bias, share, options), Decays: false, float.NegativeInfinity));
        foreach (var constant in constants)
        {
            float[] values = TensorData.ToFloats(constant, start.Model.External);
            trained.Add(new(constant.Name, [.. constant.Dims.Select(d => (int)d)], values, RateFactor(values, share, options), Decays: false, float.NegativeInfinity));
        }
        foreach (var quantizer in fake.Quantizers)
        {
            float[] values = [.. quantizer.ScalesFor(start)];
            var parameter = new TrainedParameter(quantizer.Scale, [values.Length], values, RateFactor(values, share, options), Decays: false, values.Min() * 0.01f);
            bool learns = options.Scales == ScaleLearning.Lsq || (options.Scales == ScaleLearning.Pact && !quantizer.IsWeight);
            (learns ? trained : scales).Add(parameter);
        }
        return (trained, scales);
    }

    // Adam moves every number by about the rate per step, whatever its gradient. With batch normalization folded away nothing evens that out, so the rate is in
    // units of the tensor's own root mean square; a bias that is zero all over still moves a little.
    private static float RateFactor(float[] values, double share, FineTuneOptions options) =>
        options.Optimizer == OptimizerKind.Sgd ? 1 : (float)(share * Math.Max(1e-2, Math.Sqrt(values.Average(v => (double)v * v))));

    // What there is to repair halves with every bit, and so must the updates, or at 8 bits they would do more harm than rounding did: the whole rate up to 4 bits on average.
    private static double RateShare(QuantizedModel start)
    {
        double[] updates = [.. start.Layers.SelectMany(l => new[] { l.Weights is null ? 0 : Math.Pow(2, -l.Bits.Weights), l.Activation is null ? 0 : Math.Pow(2, -l.Bits.Activations) })];
        return Math.Min(1, 16 * updates.Average());
    }

    private static HaqException NothingToTrain(QuantizedModel start, string output, Gradients gradients)
    {
        string model = start.Model.Name;
        if (gradients.Obstacles is [var first, ..])
        {
            return DiagnosticCatalog.NothingToTrain.Error(model,
                $"nothing can be trained: '{first.Node}' ({first.Op}) is between '{first.Value}' and the output '{output}': {first.Reason}. Name an earlier output under 'output:'.");
        }
        return DiagnosticCatalog.NothingToTrain.Error(model,
            $"nothing can be trained: the output '{output}' depends on no weight that the policy quantizes. Choose another output, or leave 'finetune:' out.");
    }
}
